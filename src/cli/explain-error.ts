import { AdminError } from '../accounts/admin-error.ts';
import { tableProblem } from '../doctor/table-error.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** Values that the AWS SDK finds wrong only when it uses them, by what it says. */
const WRONG_VALUE = /^(Region is missing|Region not accepted|Invalid URL)/;

/** What an error means for whoever typed the command, and what to do about it: wrong usage, or a failure. */
export function explainError(error: Error): Error {
  const isInput = error instanceof AdminError && error.code === 'invalid_input';
  const isAddress = error instanceof SyncError && error.code === 'address';
  if (isInput || isAddress) return new UsageError(error.message, { cause: error });

  if (error.name === 'ValiError') {
    return failure(`An item of the table is not readable, it was written by something else: ${error.message}`);
  }
  const isWrongValue = WRONG_VALUE.test(error.message);
  // The SDK puts $metadata on what came of a request, be it that nothing answered.
  if (!isWrongValue && !('$metadata' in error) && error.name !== 'CredentialsProviderError') return error;
  const { found, remedy } = tableProblem(error);
  return isWrongValue ? new UsageError(`${found} ${remedy}`, { cause: error }) : failure(`${found} ${remedy}`);

  function failure(message: string): Error {
    return new Error(message, { cause: error });
  }
}
