import { AdminError } from '../accounts/admin-error.ts';
import { explainConnection } from '../doctor/connection-error.ts';
import { explainTableError } from '../doctor/table-error.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** Values that the AWS SDK finds wrong only when it uses them, by what it says. */
const WRONG_VALUES: readonly (readonly [says: RegExp, message: string])[] = [
  [/^Region is missing/, 'No AWS region is set: give --region, or set AWS_REGION.'],
  [/^Region not accepted/, 'That is no AWS region: check --region and AWS_REGION, as eu-west-1.'],
  [/^Invalid URL/, 'The endpoint is no URL: check AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL.'],
];

/** What an error means for whoever typed the command, and what to do about it: wrong usage, or a failure. */
export function explainError(error: Error): Error {
  const isInput = error instanceof AdminError && error.code === 'invalid_input';
  const isAddress = error instanceof SyncError && error.code === 'address';
  if (isInput || isAddress) return new UsageError(error.message, { cause: error });

  const wrong = WRONG_VALUES.find(([says]) => says.test(error.message));
  if (wrong !== undefined) return new UsageError(wrong[1], { cause: error });
  if (error.name === 'AccessDeniedException') return failure(`These credentials may not do this: ${error.message}`);
  if (error.name === 'ValiError') {
    return failure(`An item of the table is not readable, it was written by something else: ${error.message}`);
  }
  if ('$fault' in error || error.name === 'CredentialsProviderError') {
    const { found, todo } = explainTableError(error);
    return failure(`${found} ${todo}`);
  }
  // The SDK puts $metadata on what came of a request, be it that nothing answered.
  if ('$metadata' in error) {
    const reason = `${explainConnection(error).failure} (${error.message})`;
    return failure(`The table can't be reached: ${reason}. Check --region and --endpoint-url.`);
  }
  return error;

  function failure(message: string): Error {
    return new Error(message, { cause: error });
  }
}
