import { readConnectionError } from '../connection-error.ts';
import { type Finding, problem } from './check.ts';

/** By the names of DynamoDB's and the SDK's errors. */
const PROBLEMS: Readonly<Record<string, Finding>> = {
  ResourceNotFoundException: problem`There is no such table in this account and region. → Check --table, --region,
    --profile and --endpoint-url; \`aws dynamodb list-tables\` names those that there are.`,
  CredentialsProviderError: problem`No AWS credentials were found. → Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or
    use --profile; \`aws sts get-caller-identity\` shows them.`,
  UnrecognizedClientException: problem`AWS does not know these credentials. → Check them with \`aws sts
    get-caller-identity\`. DynamoDB Local takes an access key id of letters and digits only.`,
  ExpiredTokenException: problem`These credentials have expired. → Log in again, as with \`aws sso login\`.`,
  InvalidSignatureException: problem`AWS does not accept the signature of these credentials. → Check the secret access
    key, and this machine’s clock: more than five minutes off is too much.`,
};

/** Why the table couldn't be asked: the one place that reads the errors of DynamoDB and of the SDK. */
export function tableProblem(error: unknown): Finding {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const known = PROBLEMS[name];
  if (known !== undefined) return known;
  if (message === 'Region is missing') return problem`No AWS region is set. → Give --region, or set AWS_REGION.`;
  if (message === 'Invalid URL') {
    return problem`The endpoint is no URL. → Check AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL, or --endpoint-url.`;
  }
  if (message.startsWith('Region not accepted')) return problem`${message} → Check --region (AWS_REGION).`;
  if (name === 'AccessDeniedException') {
    return problem`These credentials may not do this: ${message} → Allow it, or use others (--profile).`;
  }
  // Errors of a service, unlike those of the network, have said who is at fault. A server that is no DynamoDB has no name.
  const isOfService = error instanceof Error && '$fault' in error;
  if (isOfService && name !== 'Unknown')
    return problem`It answered ${name}: ${message} → See what AWS says of this error.`;
  const detail = error instanceof Error && 'code' in error ? ` (${message})` : '';
  const { found, remedy } = readConnectionError(error);
  return problem`The table could not be reached${detail}: ${found}. → ${remedy} The address comes of --region and --endpoint-url (AWS_REGION,
    AWS_ENDPOINT_URL_DYNAMODB).`;
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
