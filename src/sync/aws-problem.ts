import { SyncError } from '../keycloak/sync-error.ts';
import { errorText } from '../log-line.ts';

/** An error of a request to the table, as one that says so; any other as it is. */
export function asTableProblem(error: unknown, table: string): unknown {
  if (!isAwsError(error)) return error;
  return new SyncError(
    'table',
    `The table ${table} could not be asked: ${errorText(error)}. In a VPC the function needs a way to DynamoDB (a gateway ` +
      'endpoint), and its role the rights that the template gives it.',
    { cause: error },
  );
}

export function asSecretProblem(error: unknown, secretId: string): unknown {
  if (!isAwsError(error)) return error;
  return new SyncError(
    'secret',
    `The secret ${secretId} could not be read: ${errorText(error)}. Check its name and region. In a VPC the function needs ` +
      'a way to Secrets Manager (an interface endpoint, or a NAT gateway).',
    { cause: error },
  );
}

function isAwsError(error: unknown): error is Error {
  return error instanceof Error && '$metadata' in error;
}
