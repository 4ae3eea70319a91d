import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** How long one try may take where a caller of the API waits. */
const ATTEMPT_MS = 1000;

/** What is not told comes from the AWS SDK's own variables and files. */
export interface ClientOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** How long one of the three tries may take, in milliseconds: 1000 if not told. */
  readonly attemptMs?: number | undefined;
}

/**
 * A client that never hangs: three tries of a second each, so that one slow partition or dead connection costs a retry
 * and not the decision, and all of them fit into its five seconds. The socket's timeout is for a body that stalls, which
 * the others don't see.
 */
export function createTableClient(options: ClientOptions = {}): DynamoDBDocumentClient {
  const { region, profile, endpoint, credentials, attemptMs = ATTEMPT_MS } = options;
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: attemptMs,
      requestTimeout: attemptMs,
      throwOnRequestTimeout: true,
      socketTimeout: attemptMs,
    },
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  });
  return DynamoDBDocumentClient.from(client);
}
