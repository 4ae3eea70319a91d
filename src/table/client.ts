import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ATTEMPTS, timeLimits } from './time-limits.ts';

/** What is not told comes from the AWS SDK's own variables and files. */
export interface ClientOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** How long one of the three tries may take, in milliseconds: 1000 if not told. */
  readonly attemptMs?: number | undefined;
}

/** A client that never hangs. */
export function createTableClient(options: ClientOptions = {}): DynamoDBDocumentClient {
  const { region, profile, endpoint, credentials, attemptMs } = options;
  const client = new DynamoDBClient({
    maxAttempts: ATTEMPTS,
    requestHandler: timeLimits(attemptMs),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  });
  return DynamoDBDocumentClient.from(client);
}
