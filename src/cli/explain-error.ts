import { AdminError } from '../accounts/admin-error.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** What an error means for whoever typed the command, and what to do about it. */
export function explainError(error: Error): Error {
  if (error instanceof AdminError) return error.code === 'invalid_input' ? asUsage(error.message, error) : error;
  switch (error.name) {
    case 'ResourceNotFoundException':
      return because('There is no such table in this account and region: check --table, --region and --endpoint-url.');
    case 'CredentialsProviderError':
      return because(
        'No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile.',
      );
    case 'AccessDeniedException':
      return because(`These credentials may not do this: ${error.message}`);
    case 'ValiError':
      return because(`An item of the table is not readable, it was written by something else: ${error.message}`);
  }
  // The SDK puts $metadata on what came of a request, be it that nothing answered.
  if ('$metadata' in error) {
    return because(`The table could not be reached or refused the request: ${error.name}: ${error.message}`);
  }
  return error;

  function because(message: string): Error {
    return new Error(message, { cause: error });
  }
}

function asUsage(message: string, cause: Error): UsageError {
  return new UsageError(message, { cause });
}
