import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createTableClient } from './client.ts';
import type { Reads } from './store.ts';

/** The reads of a decision, as the AWS SDK makes them. */
export function createReads(client: Pick<DynamoDBDocumentClient, 'send'>): Reads {
  return {
    get: (input, options) => client.send(new GetCommand(input), options),
    batchGet: (input, options) => client.send(new BatchGetCommand(input), options),
  };
}

/** The function's own: credentials, region and endpoint come from its environment. */
export function openReads(): Reads {
  return createReads(createTableClient());
}
