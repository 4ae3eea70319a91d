import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * The authorizer's client: region, credentials and endpoint come from the AWS SDK's own variables.
 *
 * Three tries of at most a second each, so that one slow partition or dead connection costs a retry and not the
 * decision, and all of them fit into its five seconds.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(client);
}
