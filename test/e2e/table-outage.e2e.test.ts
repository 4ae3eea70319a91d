import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDynamoDbLocal } from './support/dynamodb-local.ts';
import { functionEnvironment } from './support/environment.ts';
import { expectFault, expectNoCredentialIn } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import type { Service } from './support/service.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let dynamoDb: Service & { readonly endpoint: string };
let table: TestTable;
let key: string;
const functions: LambdaFunction[] = [];

async function start(endpoint: string): Promise<LambdaFunction> {
  const environment = { AWS_ENDPOINT_URL_DYNAMODB: endpoint, GATEPASS_TABLE: table.name };
  const started = await startFunction(functionEnvironment(environment));
  functions.push(started);
  return started;
}

beforeAll(async () => {
  dynamoDb = await startDynamoDbLocal();
  table = await createTestTable(dynamoDb.endpoint, 'table-outage');
  await table.commandDone('users', 'create', 'user-ada');
  key = await table.createKey('user-ada');
});

afterAll(async () => {
  await Promise.all(functions.map((one) => one.stop()));
  await dynamoDb.stop();
});

describe('503 unavailable, within five seconds and never a policy', () => {
  test('a key while the table takes connections and does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const authorizer = await start(`http://127.0.0.1:${portOf(silent.address())}`);
      expectFault(await authorizer.authorize(key), 'fault.table');
    } finally {
      silent.close();
    }
  });

  test('a key once the table has stopped, after it was allowed', async () => {
    const authorizer = await start(dynamoDb.endpoint);
    const before = await authorizer.authorize(key);
    expect(before.log).toMatchObject({ outcome: 'allow', reason: 'api_key.valid' });

    await dynamoDb.stop();
    expectFault(await authorizer.authorize(key), 'fault.table');
    expectFault(await authorizer.authorize(`Bearer ${key}`), 'fault.table');
  });
});

test('the log holds no key', () => {
  expectNoCredentialIn(functions);
});

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}
