import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createTable, type Table } from '../../../src/admin/table.ts';
import { accountKey } from '../../../src/table/items.ts';
import { AWS } from './environment.ts';
import { gatepass } from './gatepass.ts';

/** A table of its own on a DynamoDB endpoint, and the command-line tool at work on it. */
export interface TestTable extends Table {
  readonly endpoint: string;
  /** Runs `gatepass … --table … --endpoint-url …`. */
  command(...args: readonly string[]): ReturnType<typeof gatepass>;
  /** Runs `gatepass keys create` for a user, and returns the key as it is shown. */
  createKey(userId: string, ...args: readonly string[]): Promise<string>;
  /** An account's item, as it lies in the table. */
  readAccount(userId: string): Promise<Record<string, unknown> | undefined>;
  setAccountActive(userId: string, active: boolean): Promise<void>;
}

export async function createTestTable(endpoint: string, name: string): Promise<TestTable> {
  const credentials = { accessKeyId: AWS.AWS_ACCESS_KEY_ID, secretAccessKey: AWS.AWS_SECRET_ACCESS_KEY };
  const dynamoDb = new DynamoDBClient({ endpoint, region: AWS.AWS_REGION, credentials });
  const client = DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } });
  await createTable({ client, name });

  const command = (...args: readonly string[]) => gatepass([...args, '--table', name, '--endpoint-url', endpoint], AWS);
  return {
    client,
    name,
    endpoint,
    command,
    async createKey(userId, ...args) {
      const { exitCode, stdout, stderr } = await command('keys', 'create', '--user', userId, '--name', 'e2e', ...args);
      if (exitCode !== 0) throw new Error(`keys create ended with ${exitCode}: ${stderr}`);
      return stdout.trim();
    },
    async readAccount(userId) {
      const key = accountKey(userId);
      return (await client.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true }))).Item;
    },
    async setAccountActive(userId, active) {
      await client.send(
        new UpdateCommand({
          TableName: name,
          Key: accountKey(userId),
          UpdateExpression: 'SET active = :active',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':active': active },
        }),
      );
    },
  };
}
