import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
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
  const parts = { realm: by, table, issuer: realm.issuer, now: Date.now };
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
      { userId: bob.id, action: 'disable', because: 'disabled_in_realm' },
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

test('a role that is taken away in any way is taken from the account, with admin events off', async () => {
  const viewer = await realm.admin.get('/roles/viewer');
  const mine = await givenUser();
  await realm.admin.post(`/users/${mine.id}/role-mappings/realm`, [viewer]);

  const below = await givenUser();
  const top = await realm.admin.post('/groups', { name: 'top' });
  const middle = await realm.admin.post(`/groups/${top}/children`, { name: 'middle' });
  const bottom = await realm.admin.post(`/groups/${middle}/children`, { name: 'bottom' });
  await realm.admin.post(`/groups/${top}/role-mappings/realm`, [viewer]);
  await realm.admin.put(`/users/${below.id}/groups/${bottom}`, {});

  const member = await givenUser();
  const team = await realm.admin.post('/groups', { name: 'team' });
  await realm.admin.post(`/groups/${team}/role-mappings/realm`, [viewer]);
  await realm.admin.put(`/users/${member.id}/groups/${team}`, {});

  const composite = await givenUser();
  for (const name of ['outer', 'inner']) await realm.admin.post('/roles', { name });
  await realm.admin.post('/roles/outer/composites', [await realm.admin.get('/roles/inner')]);
  await realm.admin.post('/roles/inner/composites', [viewer]);
  await realm.admin.post(`/users/${composite.id}/role-mappings/realm`, [await realm.admin.get('/roles/outer')]);

  const users = [mine, below, member, composite];
  const rolesOf = (id: string) => table.readAccount(id).then((account) => account?.['roles']);
  await pass({ pass: 'full' });
  for (const { id } of users) expect(await rolesOf(id)).toContain('viewer');

  await realm.remove(`/users/${mine.id}/role-mappings/realm`, [viewer]);
  await realm.remove(`/groups/${top}/role-mappings/realm`, [viewer]);
  await realm.remove(`/users/${member.id}/groups/${team}`);
  await realm.remove('/roles/inner/composites', [viewer]);
  const defaults = '/roles/default-roles-gatepass-synced/composites';
  await realm.admin.post(defaults, [viewer]);
  await pass({ pass: 'full' });
  for (const { id } of users) expect(await rolesOf(id)).toContain('viewer');
  await realm.remove(defaults, [viewer]);
  await pass({ pass: 'full' });
  for (const { id } of users) expect(await rolesOf(id)).not.toContain('viewer');
});

describe('what lists do not show', () => {
  test('is not taken away: a role that comes by a role of a client', async () => {
    const user = await givenUser();
    await pass({ pass: 'full' });
    const client = await realm.admin.post('/clients', { clientId: 'with-roles' });
    await realm.admin.post(`/clients/${client}/roles`, { name: 'boss' });
    await realm.admin.post(`/clients/${client}/roles/boss/composites`, [await realm.admin.get('/roles/viewer')]);
    const boss = await realm.admin.get(`/clients/${client}/roles/boss`);
    await realm.admin.post(`/users/${user.id}/role-mappings/clients/${client}`, [boss]);
    // Who is disabled is looked up, and so the role is seen.
    await realm.update(user.id, { enabled: false });
    await pass({ pass: 'full' });
    expect(await table.readAccount(user.id)).toMatchObject({ roles: expect.arrayContaining(['viewer']) });
    await realm.update(user.id, { enabled: true });
    await pass({ pass: 'full' });
    expect((await pass({ pass: 'full' })).changes).toEqual([]);
    expect(await table.readAccount(user.id)).toMatchObject({ roles: expect.arrayContaining(['viewer']) });
  });

  test('is looked up: users of ids that are another path, or none', async () => {
    const ids = ['count', 'profile', '..', '.', 'a/b c;d%'];
    const users = ids.map((id, index) => ({ id, username: `odd-${index}`, enabled: true }));
    await realm.admin.post('/partialImport', { ifResourceExists: 'FAIL', users });
    const by = realm.connect();
    for (const id of ids) expect(await by.findUser(id)).toMatchObject({ id, enabled: true });
    for (const id of ['nobody', '...', 'no/body', 'counter']) expect(await by.findUser(id)).toBe('gone');
  });
});

describe('nobody is disabled', () => {
  test('when many would be at once, until it is allowed', async () => {
    const users = [await givenUser(), await givenUser(), await givenUser(), await givenUser()];
    await pass({ pass: 'full' });
    for (const { id } of users) await realm.update(id, { enabled: false });
    const before = await accounts();
    for (const kind of ['quick', 'full'] as const) {
      await expect(pass({ pass: kind, maxDisableShare: 0.1, accountCheck: 'all' })).rejects.toMatchObject({
        code: 'safety_stop',
        message: expect.stringMatching(/4 of \d+ active accounts would be disabled .*--max-disable-share \d+/s),
      });
      expect(await accounts()).toEqual(before);
    }
    expect((await pass({ pass: 'full', maxDisableShare: 1 })).changes).toHaveLength(4);
    for (const { id } of users) await realm.update(id, { enabled: true });
    await pass({ pass: 'full' });
  });

  test.each([3, 14])('when the realm dies after %i requests', async (count) => {
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
    ['an error of its user federation', { status: 500, body: '{"error":"unknown_error"}' }],
    ["a proxy's 404", { status: 404, body: '<h1>Not Found</h1>' }],
    ['no answer', 'hang up' as const],
  ])('for whom the realm answers with %s: they are skipped, and the others are not', async (_, fate) => {
    const [kim, leo] = [await givenUser(), await givenUser()];
    await pass({ pass: 'full' });
    for (const { id } of [kim, leo]) await realm.update(id, { enabled: false });
    realm.proxy.decide((request) => (request.endsWith(`/users/${kim.id}`) ? fate : undefined));
    expect(await pass({ pass: 'full' })).toMatchObject({
      changes: [{ userId: leo.id, action: 'disable' }],
      skipped: [{ userId: kim.id, passes: 1 }],
    });
    expect(await table.readAccount(kim.id)).toMatchObject({ active: true });
    realm.proxy.reset();
    await pass({ pass: 'full' });
  });

  test('when the realm says that there is none of its name', async () => {
    const kim = await givenUser();
    await realm.update(kim.id, { enabled: false });
    const fate = { status: 404, body: '{"error":"Realm not found."}' };
    realm.proxy.decide((request) => (request.endsWith(`/users/${kim.id}`) ? fate : undefined));
    await expect(pass({ pass: 'full' })).rejects.toMatchObject({ code: 'realm_unknown' });
    expect(await table.readAccount(kim.id)).toMatchObject({ active: true });
  });

  test('when the realm is disabled, which is said', async () => {
    const by = realm.connect();
    await realm.admin.put('', { enabled: false });
    await expect(pass({ pass: 'full' }, by)).rejects.toMatchObject({ code: 'realm_disabled' });
    await realm.admin.put('', { enabled: true });
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
