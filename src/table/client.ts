import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const ATTEMPT_MS = 1000;

/**
 * The authorizer's client: region, credentials and endpoint come from the AWS SDK's own variables.
 *
 * Three tries of a second each, so that one slow partition or dead connection costs a retry and not the decision, and
 * all of them fit into its five seconds. The socket's timeout is for a body that stalls, which the others don't see.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: ATTEMPT_MS,
      requestTimeout: ATTEMPT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ATTEMPT_MS,
    },
  });
  return DynamoDBDocumentClient.from(client);
}
