import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Reads } from './store.ts';

/** The reads of a decision, as the AWS SDK's client makes them: for the commands, whose client is made already. */
export function createReads(client: Pick<DynamoDBDocumentClient, 'send'>): Reads {
  return {
    get: (input, options) => client.send(new GetCommand(input), options),
    batchGet: (input, options) => client.send(new BatchGetCommand(input), options),
  };
}
