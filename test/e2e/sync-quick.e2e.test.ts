import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Realm } from '../../src/keycloak/realm.ts';
import type { PassOptions, PassResult } from '../../src/sync/pass.ts';
import { sync } from '../../src/sync/sync.ts';
import { keySetAt } from '../../src/table/items.ts';
import { readItem } from '../../src/table/read.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { startTableProxy, type TableProxy } from '../support/table-proxy.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import type { RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let realm: SyncedRealm;
let tableProxy: TableProxy;
let table: TestTable;
let ada: RealmUser;
let bob: RealmUser;

beforeAll(async () => {
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-quick');
  tableProxy = await startTableProxy(inject('dynamoDbEndpoint'));
  table = await createTestTable(tableProxy.endpoint, 'synced-quickly');
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  bob = await realm.createUser({ username: 'bob', email: 'bob@example.com', firstName: 'Bob', lastName: 'Builder' });
  for (const { id } of [ada, bob]) await table.commandDone('users', 'create', id);
});

afterAll(async () => {
  await realm?.proxy.stop();
  await tableProxy?.stop();
});

afterEach(() => {
  realm.proxy.reset();
  tableProxy.reset();
});

function pass(options: Partial<PassOptions> = {}, by: Realm = realm.connect()): Promise<PassResult> {
  const parts = { realm: by, table, issuer: realm.issuer, now: Date.now };
  return sync(parts, { pass: 'quick', ...options });
}

/** What was asked of the realm, without ids and queries. */
function asked(): readonly string[] {
  return realm.proxy.asked.map((request) =>
    request
      .replace(/ \/(admin\/)?realms\/[^/]+/, ' ')
      .replace(/[0-9a-f-]{36}/, 'ID')
      .replace(/\/?\?.*/, ''),
  );
}

const TOKEN = 'POST /protocol/openid-connect/token';
/** The realm's own. */
const SETTINGS = 'GET ';

describe('the first quick pass', () => {
  test('is a full one, which keeps the key set and what it saw', async () => {
    expect(await pass()).toMatchObject({ pass: 'full', compared: 2, pending: ['no_view_events'], keySet: 'kept' });
    expect(await table.readAccount(ada.id)).toMatchObject({ email: 'ada@example.com' });
    const { jwks } = (await readItem(table, keySetAt(realm.issuer))) ?? {};
    const published = await (await fetch(`${realm.issuer}/protocol/openid-connect/certs`)).json();
    expect(JSON.parse(String(jwks))).toEqual(published);
  });
});

describe('an unchanged realm', () => {
  test('costs a token, its settings, one page of disabled users, two reads of the table, and no write', async () => {
    expect(await pass()).toMatchObject({ pass: 'quick', compared: 0, changes: [], keySet: 'fresh', realmRequests: 3 });
    expect(asked()).toEqual([TOKEN, SETTINGS, 'GET /users']);
    expect(tableProxy.operations).toEqual(['BatchGetItem', 'Query']);
  });

  test('costs one request more where admin events are kept, and none for a token while it is good', async () => {
    await realm.admin.put('/events/config', { adminEventsEnabled: true });
    await realm.grant('view-events');
    expect(await pass({ pass: 'full' })).toMatchObject({ pending: [] });
    realm.proxy.reset();
    tableProxy.reset();

    const by = realm.connect();
    expect(await pass({}, by)).toMatchObject({ compared: 0, changes: [], realmRequests: 4 });
    expect(asked()).toEqual([TOKEN, SETTINGS, 'GET /users', 'GET /admin-events']);
    expect(await pass({}, by)).toMatchObject({ realmRequests: 3 });
    expect(asked().slice(4)).toEqual([SETTINGS, 'GET /users', 'GET /admin-events']);
    expect(tableProxy.operations).toEqual(['BatchGetItem', 'Query', 'BatchGetItem', 'Query']);
  });
});

describe('a changed realm', () => {
  test('disables who was disabled, and enables them again', async () => {
    await realm.update(ada.id, { enabled: false });
    expect((await pass()).changes).toEqual([
      { userId: ada.id, action: 'disable', because: 'disabled_in_realm', differs: [] },
    ]);
    expect(await table.readAccount(ada.id)).toMatchObject({ active: false, disabledBy: 'sync' });
    await realm.update(ada.id, { enabled: true });
    expect((await pass()).changes).toEqual([{ userId: ada.id, action: 'enable', differs: [] }]);
    expect(await table.readAccount(ada.id)).not.toHaveProperty('disabledBy');
    expect(await pass()).toMatchObject({ compared: 0, changes: [] });
  });

  test('brings an email, a name and roles in, by admin events', async () => {
    await realm.update(bob.id, { email: 'robert@example.com', firstName: 'Robert' });
    await realm.admin.post(`/users/${bob.id}/role-mappings/realm`, [await realm.admin.get('/roles/editor')]);
    expect(await pass()).toMatchObject({
      compared: 1,
      changes: [{ userId: bob.id, action: 'update', differs: ['email', 'firstName', 'roles'] }],
    });
    expect(await table.readAccount(bob.id)).toMatchObject({ roles: expect.arrayContaining(['editor']) });
  });

  test("says that a role's or a group's change is left to a full pass", async () => {
    await realm.admin.post('/roles/editor/composites', [await realm.admin.get('/roles/viewer')]);
    expect(await pass()).toMatchObject({ compared: 0, pending: ['roles_or_groups_changed'] });
    expect((await pass({ pass: 'full' })).changes).toMatchObject([{ userId: bob.id, differs: ['roles'] }]);
  });

  test('changes nothing and remembers nothing in a dry run', async () => {
    await pass();
    await realm.update(ada.id, { enabled: false });
    const state = await readItem(table, syncStateAt(realm.issuer));
    tableProxy.reset();
    const result = await pass({ dryRun: true });
    expect(result).toMatchObject({
      dryRun: true,
      changes: [{ userId: ada.id, action: 'disable' }],
      keySet: 'not_tried',
    });
    expect(new Set(tableProxy.operations)).toEqual(new Set(['BatchGetItem', 'GetItem', 'Query']));
    expect(await readItem(table, syncStateAt(realm.issuer))).toEqual(state);
    await realm.update(ada.id, { enabled: true });
  });

  test("refuses a removed user's keys, by admin events", async () => {
    await realm.remove(`/users/${bob.id}`);
    expect((await pass()).changes).toMatchObject([{ userId: bob.id, action: 'disable', because: 'gone' }]);
  });

  test('fails rather than believe an empty list from a proxy', async () => {
    realm.proxy.decide((request) => (request.includes('/users/?') ? { status: 200, body: 'welcome' } : undefined));
    await expect(pass()).rejects.toMatchObject({ code: 'realm_answer' });
  });
});

test('goes on when the realm gives tokens of few seconds', async () => {
  await realm.admin.put('', { accessTokenLifespan: 2 });
  const by = realm.connect();
  await pass({}, by);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await pass({}, by);
  expect(asked().filter((request) => request === TOKEN).length).toBe(2);
});
