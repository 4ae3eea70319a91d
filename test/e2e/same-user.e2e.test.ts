import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { functionEnvironment } from './support/environment.ts';
import { expectNoCredentialIn, expectRefused } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { importRealm, type Realm, type RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let realm: Realm;
let ada: RealmUser;
let table: TestTable;
let authorizer: LambdaFunction;

beforeAll(async () => {
  realm = await importRealm(inject('keycloak'), 'gatepass-users');
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  table = await createTestTable(inject('dynamoDbEndpoint'), 'same-user');
  const profile = ['--email', 'ada@example.com', '--first-name', 'Ada', '--last-name', 'Lovelace'];
  await table.commandDone('users', 'create', ada.id, ...profile);
  authorizer = await startFunction(
    functionEnvironment({
      GATEPASS_ISSUER: realm.issuer,
      GATEPASS_TABLE: table.name,
      GATEPASS_ACCOUNT_CHECK: 'all',
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    }),
  );
});

afterAll(() => authorizer.stop());

describe('allowed', () => {
  test('a user is the same user to the backend, by key and by token', async () => {
    const key = await authorizer.authorize(await table.createKey(ada.id));
    const token = await authorizer.authorize(`Bearer ${(await realm.logIn('demo-web', ada)).access_token}`);
    const user = { userId: ada.id, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
    expect(key.result).toMatchObject({ principalId: ada.id, context: { ...user, authMethod: 'api_key' } });
    expect(token.result).toMatchObject({ principalId: ada.id, context: { ...user, authMethod: 'bearer' } });
    expect([key.log.reason, token.log.reason]).toEqual(['api_key.valid', 'token.valid']);
  });
});

describe('401', () => {
  test("a disabled user's key and, where accounts are checked for all, their token too", async () => {
    const key = await table.createKey(ada.id);
    const token = `Bearer ${(await realm.logIn('demo-web', ada)).access_token}`;
    await table.commandDone('users', 'disable', ada.id);
    expectRefused(await authorizer.authorize(key), 'api_key.account_disabled', 'invalid_api_key');
    expectRefused(await authorizer.authorize(token), 'token.account_disabled', 'invalid_token');
    await table.commandDone('users', 'enable', ada.id);
  });
});

test('the log holds neither keys nor tokens', () => {
  expectNoCredentialIn([authorizer]);
});
