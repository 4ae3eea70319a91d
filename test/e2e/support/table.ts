import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { accountAt } from '../../../src/table/items.ts';
import { createTable, type Table } from '../../../src/table/table.ts';
import { AWS } from './environment.ts';
import { gatepass } from './gatepass.ts';

/** A table of its own on a DynamoDB endpoint, and the command-line tool at work on it. */
export interface TestTable extends Table {
  readonly endpoint: string;
  /** Runs `gatepass … --table … --endpoint-url …`, however it ends. */
  command(...args: readonly string[]): ReturnType<typeof gatepass>;
  /** The same, and throws unless it ends well. Returns what it printed. */
  commandDone(...args: readonly string[]): Promise<string>;
  /** Runs `gatepass keys create` for a user, and returns the key as it is shown. */
  createKey(userId: string, ...args: readonly string[]): Promise<string>;
  /** An account's item, as it lies in the table. */
  readAccount(userId: string): Promise<Record<string, unknown> | undefined>;
}

export async function createTestTable(endpoint: string, name: string): Promise<TestTable> {
  const credentials = { accessKeyId: AWS.AWS_ACCESS_KEY_ID, secretAccessKey: AWS.AWS_SECRET_ACCESS_KEY };
  const dynamoDb = new DynamoDBClient({ endpoint, region: AWS.AWS_REGION, credentials });
  const client = DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } });
  await createTable({ client, name });

  const command = (...args: readonly string[]) => gatepass([...args, '--table', name, '--endpoint-url', endpoint], AWS);
  const commandDone = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await command(...args);
    if (exitCode === 0) return stdout.trim();
    throw new Error(`gatepass ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  };
  return {
    client,
    name,
    endpoint,
    command,
    commandDone,
    createKey: (userId, ...args) => commandDone('keys', 'create', '--user', userId, '--name', 'e2e', ...args),
    async readAccount(userId) {
      const key = accountAt(userId);
      return (await client.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true }))).Item;
    },
  };
}
