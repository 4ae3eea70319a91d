import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AWS, functionEnvironment } from './support/environment.ts';
import { expectAllowed, expectNoCredentialIn, expectRefused } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { CLI_BUNDLE } from './support/gatepass.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let table: TestTable;
let authorizer: LambdaFunction;

beforeAll(async () => {
  table = await createTestTable(inject('dynamoDbEndpoint'), 'key-life');
  authorizer = await startFunction(
    functionEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: table.endpoint, GATEPASS_TABLE: table.name }),
  );
});

afterAll(() => authorizer.stop());

/** Runs `gatepass keys find` with a text on its standard input, and returns all that it wrote. */
async function find(input: string): Promise<string> {
  const args = [CLI_BUNDLE, 'keys', 'find', '--table', table.name, '--endpoint-url', table.endpoint];
  const child = spawn(process.execPath, args, { env: AWS, stdio: 'pipe' });
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return out;
}

function keyIdOf(key: string): string {
  return key.split('_')[2] ?? '';
}

test('a key from its making to its end, by the commands alone', async () => {
  await table.commandDone('users', 'create', 'ada', '--email', 'ada@example.com');
  const old = await table.createKey('ada');
  const keyId = keyIdOf(old);
  const context = { userId: 'ada', email: 'ada@example.com', authMethod: 'api_key', apiKeyId: keyId } as const;
  const allowed = { reason: 'api_key.valid', context: { ...context, environment: 'live' } } as const;
  expectAllowed(await authorizer.authorize(old), allowed);

  const fresh = await table.commandDone('keys', 'rotate', keyId, '--grace', '1h');
  expect(keyIdOf(fresh)).toBe(keyId);
  expectAllowed(await authorizer.authorize(fresh), allowed);
  const inGrace = await authorizer.authorize(old);
  expect(inGrace.log).toMatchObject({ outcome: 'allow', reason: 'api_key.valid' });
  expect(inGrace.result?.policyDocument.Statement).toHaveLength(2);

  const again = await table.command('keys', 'rotate', keyId, '--grace', '0s');
  expect(again).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('--discard current') });
  expectAllowed(await authorizer.authorize(fresh), allowed);

  expect(await find(fresh)).toMatch(new RegExp(`^${keyId} +ada .*in grace .* its current secret$`, 'm'));
  expect(await find(old)).toMatch(/ the secret that was replaced$/m);
  expect(await find(`…apiKeyId":"${keyId.slice(0, 20)}…`)).toMatch(/ its id$/m);
  for (const key of [fresh, old]) expect(await find(key)).not.toContain(key.slice(-20));

  const last = await table.commandDone('keys', 'rotate', keyId, '--grace', '0s', '--discard', 'replaced');
  expectAllowed(await authorizer.authorize(last), allowed);
  expectRefused(await authorizer.authorize(fresh), 'api_key.replaced', 'invalid_api_key');
  expectRefused(await authorizer.authorize(old), 'api_key.secret', 'invalid_api_key');

  await table.commandDone('keys', 'disable', keyId);
  expectRefused(await authorizer.authorize(last), 'api_key.inactive', 'invalid_api_key');
  await table.commandDone('keys', 'enable', keyId);
  expectAllowed(await authorizer.authorize(last), allowed);
  await table.commandDone('keys', 'delete', keyId, '--yes');
  expectRefused(await authorizer.authorize(last), 'api_key.deleted', 'invalid_api_key');
  expect(await table.command('keys', 'enable', keyId)).toMatchObject({
    ...{ exitCode: 1, stdout: '', stderr: expect.stringContaining("can't be undone") },
  });
  expect(await table.readAccount('ada')).toMatchObject({ keyCount: 0 });
});

test('deleting a user ends all of their keys', async () => {
  await table.commandDone('users', 'create', 'bob');
  const keys = [await table.createKey('bob'), await table.createKey('bob')];
  const unsure = await table.command('users', 'delete', 'bob');
  expect(unsure).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('give --yes') });
  for (const key of keys) expect((await authorizer.authorize(key)).log.outcome).toBe('allow');

  await table.commandDone('users', 'delete', 'bob', '--yes');
  for (const key of keys) expectRefused(await authorizer.authorize(key), 'api_key.deleted', 'invalid_api_key');
});

test('the log holds none of the keys', () => {
  expectNoCredentialIn([authorizer]);
});
