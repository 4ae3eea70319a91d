import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseJwks } from '../../src/bearer/jwks.ts';
import type { Realm } from '../../src/keycloak/realm.ts';
import type { PassOptions, PassResult } from '../../src/sync/pass.ts';
import { sync } from '../../src/sync/sync.ts';
import { scanAccounts } from '../../src/table/accounts.ts';
import { readItem } from '../../src/table/read.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import { functionEnvironment } from './support/environment.ts';
import { expectRefused } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import type { RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let realm: SyncedRealm;
let table: TestTable;
let authorizer: LambdaFunction;
let made = 0;

beforeAll(async () => {
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-synced');
  table = await createTestTable(inject('dynamoDbEndpoint'), 'synced');
  authorizer = await startFunction(
    functionEnvironment({
      GATEPASS_ISSUER: realm.issuer,
      GATEPASS_TABLE: table.name,
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    }),
  );
});

afterAll(async () => {
  await authorizer?.stop();
  await realm?.proxy.stop();
});

afterEach(() => realm.proxy.reset());

/** A user of the realm who has an account, in which nothing but the id is right yet. */
async function givenUser(roles: readonly string[] = []): Promise<RealmUser> {
  const username = `user-${++made}`;
  const user = { username, email: `${username}@example.com`, firstName: 'Ada', lastName: `Nr ${made}`, roles };
  const created = await realm.createUser(user);
  await table.commandDone('users', 'create', created.id);
  return created;
}

function pass(options: PassOptions, by: Realm = realm.connect()): Promise<PassResult> {
  const parts = { realm: by, table, issuer: realm.issuer, now: Date.now, parseJwks };
  return sync(parts, { maxDisableShare: 1, ...options });
}

/** All accounts as they lie in the table, by user id. */
async function accounts(): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  for await (const account of scanAccounts(table)) found[account.userId] = account;
  return found;
}

describe('a full pass', () => {
  test("gives a user's key the context of the user's token: email, names and roles, inherited ones too", async () => {
    const ada = await givenUser(['editor']);
    await realm.admin.post('/roles', { name: 'auditor' });
    await realm.admin.post('/roles/editor/composites', [await realm.admin.get('/roles/auditor')]);
    const group = await realm.admin.post('/groups', { name: 'viewers' });
    await realm.admin.post(`/groups/${group}/role-mappings/realm`, [await realm.admin.get('/roles/viewer')]);
    await realm.admin.put(`/users/${ada.id}/groups/${group}`, {});

    const result = await pass({ pass: 'full' });
    const differs = ['email', 'firstName', 'lastName', 'roles'];
    expect(result.changes).toEqual([{ userId: ada.id, action: 'update', differs }]);

    const byKey = (await authorizer.authorize(await table.createKey(ada.id))).result?.context ?? {};
    const { access_token: token } = await realm.logIn('demo-web', ada);
    const byToken = (await authorizer.authorize(`Bearer ${token}`)).result?.context ?? {};
    const profile = ({ email, firstName, lastName, roles = '[]' }: typeof byKey) => {
      const names: unknown = JSON.parse(roles);
      return { email, firstName, lastName, roles: Array.isArray(names) && names.toSorted() };
    };
    expect(profile(byKey)).toEqual(profile(byToken));
    expect(profile(byKey).roles).toEqual(expect.arrayContaining(['auditor', 'editor', 'offline_access', 'viewer']));

    expect((await pass({ pass: 'full' })).changes).toEqual([]);
  });

  test("refuses a disabled user's keys, and accepts them again with the user", async () => {
    const bob = await givenUser();
    const key = await table.createKey(bob.id);
    await realm.update(bob.id, { enabled: false });
    expect((await pass({ pass: 'full' })).changes).toMatchObject([
      { userId: bob.id, action: 'disable', because: 'disabled in the realm' },
    ]);
    expectRefused(await authorizer.authorize(key), 'api_key.account_disabled', 'invalid_api_key');
    await realm.update(bob.id, { enabled: true });
    expect((await pass({ pass: 'full' })).changes).toMatchObject([{ userId: bob.id, action: 'enable', differs: [] }]);
    expect((await authorizer.authorize(key)).log.reason).toBe('api_key.valid');
  });

  test("refuses a removed user's keys, and nobody else's", async () => {
    const [cal, dan] = [await givenUser(), await givenUser()];
    await pass({ pass: 'full' });
    const before = await accounts();
    await realm.remove(`/users/${cal.id}`);
    expect((await pass({ pass: 'full' })).changes).toEqual([
      { userId: cal.id, action: 'disable', because: 'gone', differs: [] },
    ]);
    const after = await accounts();
    expect(after[cal.id]).toMatchObject({ active: false, disabledBy: 'sync', email: expect.any(String) });
    expect({ ...after, [cal.id]: before[cal.id] }).toEqual(before);
    expect(after[dan.id]).toMatchObject({ active: true });
  });

  test('leaves what an operator disabled, and what was deleted, as it is', async () => {
    const [eve, fay] = [await givenUser(), await givenUser()];
    await pass({ pass: 'full' });
    await table.commandDone('users', 'disable', eve.id);
    await table.commandDone('users', 'delete', fay.id, '--yes');
    await realm.update(fay.id, { email: 'new@example.com' });
    const before = await accounts();
    expect((await pass({ pass: 'full' })).changes).toEqual([]);
    expect(await accounts()).toEqual(before);
  });

  test('leaves the keys of a user whom wrong passwords have locked out', async () => {
    const gus = await givenUser();
    await realm.admin.put('', { bruteForceProtected: true, failureFactor: 1, waitIncrementSeconds: 300 });
    for (let tries = 0; tries < 3; tries++) {
      await realm.logIn('demo-web', { ...gus, password: 'wrong' }).catch(() => undefined);
    }
    await expect(realm.logIn('demo-web', gus)).rejects.toThrow('Invalid user credentials');
    await pass({ pass: 'full' });
    await realm.admin.put('', { bruteForceProtected: false });
    expect(await table.readAccount(gus.id)).toMatchObject({ active: true });
  });

  test('creates accounts for enabled users who have none, if told to, and none for service accounts', async () => {
    const hal = await realm.createUser({ username: 'hal', email: 'hal@example.com', firstName: 'Hal', lastName: 'H' });
    const ivy = await realm.createUser({ username: 'ivy', email: 'ivy@example.com', firstName: 'Ivy', lastName: 'I' });
    await realm.update(ivy.id, { enabled: false });
    expect((await pass({ pass: 'full', create: true, dryRun: true })).changes).toContainEqual({
      userId: hal.id,
      action: 'create',
      differs: [],
    });
    expect(await table.readAccount(hal.id)).toBeUndefined();
    const { changes } = await pass({ pass: 'full', create: true });
    expect(changes).toEqual([{ userId: hal.id, action: 'create', differs: [] }]);
    expect(await table.readAccount(hal.id)).toMatchObject({
      ...{ email: 'hal@example.com', firstName: 'Hal', active: true, keyCount: 0 },
      roles: expect.arrayContaining(['offline_access']),
    });
    expect(await table.readAccount(ivy.id)).toBeUndefined();
  });
});

describe('nothing is changed', () => {
  test('when many would be disabled at once, until it is allowed', async () => {
    const users = [await givenUser(), await givenUser(), await givenUser(), await givenUser()];
    await pass({ pass: 'full' });
    for (const { id } of users) await realm.update(id, { enabled: false });
    const before = await accounts();
    for (const kind of ['full', 'quick'] as const) {
      await expect(pass({ pass: kind, maxDisableShare: 0.1 })).rejects.toMatchObject({
        code: 'safety_stop',
        message: expect.stringMatching(/4 of \d+ active accounts would be disabled .*--max-disable-share \d+/s),
      });
      expect(await accounts()).toEqual(before);
    }
    expect((await pass({ pass: 'full', maxDisableShare: 1 })).changes).toHaveLength(4);
    for (const { id } of users) await realm.update(id, { enabled: true });
    await pass({ pass: 'full' });
  });

  test.each([1, 4, 9, 14])('when the realm dies after %i requests', async (count) => {
    const jan = await givenUser();
    await realm.update(jan.id, { enabled: false });
    const before = await accounts();
    const state = await readItem(table, syncStateAt(realm.issuer));
    realm.proxy.decide((_, earlier) => (earlier >= count ? 'hang up' : undefined));
    await expect(pass({ pass: 'full' })).rejects.toMatchObject({ code: 'realm_unreachable' });
    expect(await accounts()).toEqual(before);
    expect(await readItem(table, syncStateAt(realm.issuer))).toEqual(state);
  });

  test.each([
    ['an error of its user federation', { status: 500, body: '{"error":"unknown_error"}' }, 'realm_unreachable'],
    ["a proxy's 404", { status: 404, body: '<h1>Not Found</h1>' }, 'realm_answer'],
    ['a 404 about the realm', { status: 404, body: '{"error":"Realm not found."}' }, 'realm_unknown'],
    ['no answer', 'hang up' as const, 'realm_unreachable'],
  ])('when the realm answers for one user with %s', async (_, fate, code) => {
    const kim = await givenUser();
    const before = await accounts();
    realm.proxy.decide((request) => (request.endsWith(`/users/${kim.id}`) ? fate : undefined));
    await expect(pass({ pass: 'full' })).rejects.toMatchObject({ code });
    expect(await accounts()).toEqual(before);
  });

  test('when the service account may only query users, of whom Keycloak then lists none', async () => {
    await realm.revoke('view-users');
    await realm.grant('query-users');
    try {
      for (const kind of ['full', 'quick'] as const) {
        await expect(pass({ pass: kind })).rejects.toMatchObject({
          code: 'realm_role',
          message: expect.stringContaining('the role view-users of the client realm-management'),
        });
      }
    } finally {
      await realm.grant('view-users');
      await realm.revoke('query-users');
    }
  });
});
