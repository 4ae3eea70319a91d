import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ClientOptions, createTableClient } from './client.ts';

/** What is asked of a document client, and no more of its type: a client of another version of the AWS SDK fits too. */
type TableClient = Pick<DynamoDBDocumentClient, 'send' | 'destroy'>;

/** A client and the table that it works on. */
export interface Table {
  readonly client: TableClient;
  readonly name: string;
}

/** A table with a client of our own version. */
export interface OpenedTable extends Table {
  readonly client: DynamoDBDocumentClient;
}

/** Tools wait longer than callers do: a page of a scan takes its time, and an operator may be an ocean away. */
const TOOL_ATTEMPT_MS = 5000;

/** Opens a table for a tool or a scheduled function. Three tries of five seconds each, unless told otherwise. */
export function openTable(name: string, options: ClientOptions = {}): OpenedTable {
  return { client: createTableClient({ attemptMs: TOOL_ATTEMPT_MS, ...options }), name };
}

/** The table's shape, as `template.yaml` deploys it: one item collection an account, no secondary index. */
function tableDefinition(name: string): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  };
}

/** Makes the table where there is no stack to make it: an embedded table, DynamoDB Local. One that is there stays. */
export async function createTable({ client, name }: Table): Promise<void> {
  try {
    await client.send(new CreateTableCommand(tableDefinition(name)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  // The waiter's type names the class of a client; it only sends.
  await waitUntilTableExists(
    { client: client as DynamoDBClient, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
    { TableName: name },
  );
}
