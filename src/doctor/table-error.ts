import { explainConnection } from './connection-error.ts';

/** Why the table couldn't be asked, for people, and what to do. */
export interface TableFailure {
  readonly found: string;
  readonly todo: string;
}

/** By the names of DynamoDB's and the SDK's errors. */
const FAILURES: Readonly<Record<string, TableFailure>> = {
  ResourceNotFoundException: {
    found: 'There is no such table in this account and region.',
    todo: 'Check --table, --region, --profile and --endpoint-url; `aws dynamodb list-tables` names those that there are.',
  },
  CredentialsProviderError: {
    found: 'No AWS credentials were found.',
    todo: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile; `aws sts get-caller-identity` shows them.',
  },
  UnrecognizedClientException: {
    found: 'AWS does not know these credentials.',
    todo: 'Check them with `aws sts get-caller-identity`. DynamoDB Local takes an access key id of letters and digits only.',
  },
  ExpiredTokenException: {
    found: 'These credentials have expired.',
    todo: 'Log in again, as with `aws sso login`.',
  },
  InvalidSignatureException: {
    found: 'AWS does not accept the signature of these credentials.',
    todo: 'Check the secret access key, and this machine’s clock: more than five minutes off is too much.',
  },
};

export function explainTableError(error: unknown): TableFailure {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const known = FAILURES[name];
  if (known !== undefined) return known;
  if (message === 'Region is missing') {
    return { found: 'No AWS region is set.', todo: 'Give --region, or set AWS_REGION.' };
  }
  if (message.startsWith('no answer within')) {
    return { found: `It gave ${message}.`, todo: 'Check the region and the endpoint, and the network between.' };
  }
  if (isAwsError(error)) return { found: `It answered ${name}: ${message}`, todo: 'See what AWS says of this error.' };
  const { failure, todo } = explainConnection(error);
  return { found: `It could not be reached: ${failure}.`, todo };
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Errors of a service, unlike those of the network, have said who is at fault. */
function isAwsError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$fault' in error;
}
