import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { functionEnvironment } from './support/environment.ts';
import { expectAllowed, expectNoCredentialIn, expectRefused } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let table: TestTable;
let authorizer: LambdaFunction;

/** No realm can be reached: keys need none. */
beforeAll(async () => {
  table = await createTestTable(inject('dynamoDbEndpoint'), 'api-keys');
  authorizer = await startFunction(
    functionEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: table.endpoint, GATEPASS_TABLE: table.name }),
  );
});

afterAll(() => authorizer.stop());

describe('allowed', () => {
  test('a key that the command-line tool made carries its owner into the context, for one table request', async () => {
    const profile = ['--email', 'ada@example.com', '--first-name', 'Ada', '--last-name', 'Lovelace'];
    await table.commandDone('users', 'create', 'user-ada', ...profile, '--role', 'editor', 'viewer');
    const key = await table.createKey('user-ada', '--scope', 'reports:read reports:write');

    const expected = {
      reason: 'api_key.valid',
      context: {
        userId: 'user-ada',
        email: 'ada@example.com',
        firstName: 'Ada',
        lastName: 'Lovelace',
        authMethod: 'api_key',
        apiKeyId: keyIdOf(key),
        environment: 'live',
        scope: 'reports:read reports:write',
        roles: ['editor', 'viewer'],
      },
    } as const;
    for (const authorization of [key, `Bearer ${key}`]) {
      const answer = await authorizer.authorize(authorization);
      expectAllowed(answer, expected);
      expect(answer.log.tableRequests).toBe(1);
    }
  });

  test('a key that ends carries its end into the policy', async () => {
    await table.commandDone('users', 'create', 'user-bob');
    const notBefore = Math.floor(Date.now() / 1000) + 3600;
    const key = await table.createKey('user-bob', '--expires', '1h');
    const notAfter = Math.floor(Date.now() / 1000) + 3600;

    const list = await table.commandDone('keys', 'list', '--user', 'user-bob', '--json');
    const [{ expiresAt }] = v.parse(v.tuple([v.object({ expiresAt: v.number() })]), JSON.parse(list));
    expect(expiresAt).toBeGreaterThanOrEqual(notBefore);
    expect(expiresAt).toBeLessThanOrEqual(notAfter);
    expectAllowed(await authorizer.authorize(key), {
      reason: 'api_key.valid',
      context: contextOf('user-bob', key),
      until: { end: expiresAt, error: 'invalid_api_key' },
    });
  });

  test("a rotated key's new secret, and its old one until the grace ends", async () => {
    await table.commandDone('users', 'create', 'user-fay');
    const old = await table.createKey('user-fay');
    const rotated = await table.commandDone('keys', 'rotate', keyIdOf(old), '--grace', '1h');
    expect(keyIdOf(rotated)).toBe(keyIdOf(old));

    const list = await table.commandDone('keys', 'list', '--user', 'user-fay', '--json');
    const [{ replacedUntil }] = v.parse(v.tuple([v.object({ replacedUntil: v.number() })]), JSON.parse(list));
    const allowed = { reason: 'api_key.valid', context: contextOf('user-fay', old) } as const;
    expectAllowed(await authorizer.authorize(rotated), allowed);
    expectAllowed(await authorizer.authorize(old), {
      ...allowed,
      until: { end: replacedUntil, error: 'invalid_api_key' },
    });
  });
});

describe('401 invalid_api_key', () => {
  test.each([
    ['is disabled', ['keys', 'disable'], [], 'api_key.inactive'],
    ['is deleted', ['keys', 'delete'], ['--yes'], 'api_key.deleted'],
    ['has a new secret without a grace', ['keys', 'rotate'], ['--grace', '0s'], 'api_key.replaced'],
  ])('a key from the moment on that it %s', async (_, command, options, reason) => {
    const user = `user-${command[1]}`;
    await table.commandDone('users', 'create', user);
    const key = await table.createKey(user);
    expectAllowed(await authorizer.authorize(key), { reason: 'api_key.valid', context: contextOf(user, key) });

    await table.commandDone(...command, keyIdOf(key), ...options);
    expectRefused(await authorizer.authorize(key), reason, 'invalid_api_key');
  });

  test('a key from the moment on that its account is disabled, and no longer once it is enabled', async () => {
    await table.commandDone('users', 'create', 'user-cy');
    const key = await table.createKey('user-cy');
    const allowed = { reason: 'api_key.valid', context: contextOf('user-cy', key) } as const;
    expectAllowed(await authorizer.authorize(key), allowed);

    await table.commandDone('users', 'disable', 'user-cy');
    const refused = await authorizer.authorize(key);
    expectRefused(refused, 'api_key.account_disabled', 'invalid_api_key');
    expect(refused.log.tableRequests).toBe(1);

    await table.commandDone('users', 'enable', 'user-cy');
    expectAllowed(await authorizer.authorize(key), allowed);
  });

  test('a key of another environment, without asking the table', async () => {
    await table.commandDone('users', 'create', 'user-dee');
    const key = await table.createKey('user-dee', '--environment', 'test');
    const answer = await authorizer.authorize(key);
    expectRefused(answer, 'api_key.environment', 'invalid_api_key');
    expect(answer.log.tableRequests).toBe(0);
  });

  test('a key with a wrong letter, without asking the table', async () => {
    await table.commandDone('users', 'create', 'user-eve');
    const key = await table.createKey('user-eve');
    const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    const answer = await authorizer.authorize(mistyped);
    expectRefused(answer, 'api_key.malformed', 'invalid_api_key');
    expect(answer.log.tableRequests).toBe(0);
  });
});

test('the log holds none of the keys', () => {
  expectNoCredentialIn([authorizer]);
});

/** What a user without a name or roles brings along. */
function contextOf(userId: string, key: string) {
  return { userId, authMethod: 'api_key', apiKeyId: keyIdOf(key), environment: 'live' };
}

function keyIdOf(key: string): string {
  return key.split('_')[2] ?? '';
}
