import { BatchGetCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disableAccount, enableAccount } from '../../src/accounts/account-state.ts';
import { createAccount } from '../../src/accounts/accounts.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { parseJwks } from '../../src/bearer/jwks.ts';
import { SyncError } from '../../src/keycloak/sync-error.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import type { PassOptions, PassResult } from '../../src/sync/pass.ts';
import { MAX_DISABLED } from '../../src/sync/state.ts';
import { sync } from '../../src/sync/sync.ts';
import { accountAt, keySetAt, type PrimaryKey } from '../../src/table/items.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { createMovedClock, MINUTE, type MovedClock, SECOND } from '../support/moved-clock.ts';
import { makeKeyPair } from '../support/realm.ts';
import { createFakeRealm, type FakeRealm } from '../unit/sync/support/fake-realm.ts';

const ISSUER = 'https://id.example.com/realms/main';

let embedded: EmbeddedTable;
let realm: FakeRealm;
let clock: MovedClock;

beforeEach(async () => {
  embedded = await startEmbeddedTable();
  clock = createMovedClock();
  realm = createFakeRealm(clock.now);
});

afterEach(() => embedded.stop());

function pass(options: Partial<PassOptions> = {}): Promise<PassResult> {
  const parts = { realm, table: embedded.table, issuer: ISSUER, now: clock.now, parseJwks };
  return sync(parts, { pass: 'full', ...options });
}

/** Users of the realm, and their accounts. */
async function givenUsers(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    realm.put(id);
    await createAccount({ table: embedded.table, now: clock.now }, { userId: id });
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);

async function item(key: PrimaryKey): Promise<Record<string, unknown> | undefined> {
  const { client, name } = embedded.table;
  return (await client.send(new GetCommand({ TableName: name, Key: { ...key }, ConsistentRead: true }))).Item;
}

const account = (userId: string) => item(accountAt(userId));

describe('the safety stop', () => {
  it.each<[number, number, number | undefined, 'allowed' | 'stopped', string]>([
    [10, 3, undefined, 'allowed', 'three, whatever their share'],
    [40, 4, undefined, 'allowed', 'a tenth'],
    [39, 4, undefined, 'stopped', 'more than a tenth'],
    [10, 4, 0.4, 'allowed', 'the share that was set'],
    [10, 5, 0.4, 'stopped', 'more than the share that was set'],
    [10, 10, 1, 'allowed', 'all, if that is set'],
    [10, 4, 0, 'stopped', 'more than three, if none is set'],
  ])('of %i accounts, %i disabled at once with a share of %s are %s: %s', async (all, disabled, share, outcome) => {
    await givenUsers(...numbered(all));
    for (const id of numbered(disabled)) realm.remove(id);
    const result = await pass({ maxDisableShare: share }).catch((error: unknown) => error);
    if (outcome === 'allowed') expect(result).toMatchObject({ changes: { length: disabled } });
    else expect(result).toMatchObject({ name: 'SyncError', code: 'safety_stop' });
    expect(await account('user-0')).toMatchObject({ active: outcome === 'stopped' });
    expect((await item(syncStateAt(ISSUER))) === undefined).toBe(outcome === 'stopped');
  });

  it('counts active accounts: neither what is disabled already, nor what was deleted', async () => {
    await givenUsers(...numbered(44));
    for (const id of numbered(4)) await disableAccount({ table: embedded.table, now: clock.now }, id);
    await deleteAccount({ table: embedded.table, now: clock.now }, 'user-4');
    for (const id of ['user-10', 'user-11', 'user-12', 'user-13']) realm.remove(id);
    await expect(pass()).rejects.toThrow('4 of 39 active accounts would be disabled (4 users gone, 0 disabled');
  });
});

describe('a realm that fails at any question', () => {
  it('changes nothing, however late it fails', async () => {
    await givenUsers('ada', 'bob');
    realm.put('ada', { email: 'ada@example.com' });
    realm.remove('bob');
    const before = [await account('ada'), await account('bob')];
    for (let questions = 0; questions < 5; questions++) {
      realm.dieAfter(questions);
      await expect(pass()).rejects.toBeInstanceOf(SyncError);
      expect([await account('ada'), await account('bob')]).toEqual(before);
      expect(await item(syncStateAt(ISSUER))).toBeUndefined();
    }
    realm.dieAfter(5);
    expect(await pass()).toMatchObject({ changes: [{ userId: 'ada' }, { userId: 'bob' }], keySet: 'not_kept' });
  });
});

it('takes a user for gone who is removed between the two questions about them', async () => {
  await givenUsers('ada');
  vi.spyOn(realm, 'rolesOf').mockImplementation(async () => 'gone');
  expect((await pass()).changes).toMatchObject([{ userId: 'ada', action: 'disable', because: 'gone' }]);
});

describe('what somebody else changes while a pass looks users up', () => {
  it.each([
    ['an operator disables the account', () => disableAccount({ table: embedded.table, now: clock.now }, 'ada')],
    ['an operator deletes the account', () => deleteAccount({ table: embedded.table, now: clock.now }, 'ada')],
  ])('stands: %s', async (_, act) => {
    await givenUsers('ada');
    realm.put('ada', { email: 'ada@example.com' });
    const rolesOf = realm.rolesOf;
    let done: unknown;
    vi.spyOn(realm, 'rolesOf').mockImplementation(async (id) => {
      await act();
      done = await account('ada');
      return rolesOf(id);
    });
    expect(await pass()).toMatchObject({ changes: [], waiting: expect.arrayContaining(['changed_meanwhile']) });
    expect(await account('ada')).toEqual(done);
  });

  it('is looked at again by the next quick pass if the user is disabled', async () => {
    await givenUsers('ada');
    realm.put('ada', { enabled: false });
    const rolesOf = realm.rolesOf;
    const spy = vi.spyOn(realm, 'rolesOf').mockImplementation(async (id) => {
      await disableAccount({ table: embedded.table, now: clock.now }, id);
      clock.advance(SECOND);
      await enableAccount({ table: embedded.table, now: clock.now }, id);
      return rolesOf(id);
    });
    expect((await pass()).changes).toEqual([]);
    spy.mockRestore();
    expect((await pass({ pass: 'quick' })).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
  });
});

describe('a quick pass', () => {
  it('is a full one the first time, and after a state that it can not read', async () => {
    await givenUsers('ada');
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'full' });
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'quick' });
    const { client, name } = embedded.table;
    await client.send(new PutCommand({ TableName: name, Item: { ...syncStateAt(ISSUER), disabled: 'all' } }));
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'full' });
  });

  it('asks only for disabled users, reads once and writes nothing when nothing has changed', async () => {
    await givenUsers(...numbered(5));
    realm.put('user-0', { enabled: false });
    realm.published = { keys: [makeKeyPair(0).jwk] };
    await pass();
    realm.asked.length = 0;
    const send = vi.spyOn(embedded.table.client, 'send');
    expect(await pass({ pass: 'quick' })).toMatchObject({ lookedUp: 0, changes: [], realmRequests: 1 });
    expect(realm.asked).toEqual(['disabled']);
    expect(send.mock.calls.map(([command]) => command.constructor)).toEqual([BatchGetCommand]);
  });

  it('looks up who was disabled, who no longer is, and nobody else', async () => {
    await givenUsers('ada', 'bob', 'cal', 'dan');
    realm.put('ada', { enabled: false });
    realm.put('bob', { enabled: false });
    await pass();
    realm.put('ada', { enabled: true });
    realm.remove('bob');
    realm.put('cal', { enabled: false });
    realm.put('nobody', { enabled: false });
    realm.asked.length = 0;
    expect((await pass({ pass: 'quick' })).changes).toEqual([
      { userId: 'ada', action: 'enable', because: undefined, differs: [] },
      { userId: 'cal', action: 'disable', because: 'disabled in the realm', differs: [] },
    ]);
    expect(realm.asked.filter((what) => /^user (bob|dan|nobody)$/.test(what))).toEqual(['user bob']);
    expect(await account('bob')).toMatchObject({ active: false, disabledBy: 'sync' });
  });

  it('stops before it disables too many, and does it when it is allowed to', async () => {
    await givenUsers(...numbered(10));
    await pass();
    for (const id of numbered(4)) realm.put(id, { enabled: false });
    await expect(pass({ pass: 'quick' })).rejects.toMatchObject({ code: 'safety_stop' });
    await expect(pass({ pass: 'quick' })).rejects.toMatchObject({ code: 'safety_stop' });
    expect((await pass({ pass: 'quick', maxDisableShare: 0.4 })).changes).toHaveLength(4);
  });

  it('does again what a table that failed left undone', async () => {
    await givenUsers('ada');
    await pass();
    realm.put('ada', { enabled: false });
    const send = embedded.table.client.send.bind(embedded.table.client);
    const spy = vi.spyOn(embedded.table.client, 'send').mockImplementation(async (command) => {
      if (command.constructor.name === 'UpdateCommand') throw new Error('throttled');
      return send(command);
    });
    await expect(pass({ pass: 'quick' })).rejects.toThrow('throttled');
    spy.mockRestore();
    expect((await pass({ pass: 'quick' })).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
  });

  it('does again what it passed over, because somebody else changed the account meanwhile', async () => {
    await givenUsers('ada');
    await pass();
    realm.put('ada', { enabled: false });
    const rolesOf = realm.rolesOf;
    const spy = vi.spyOn(realm, 'rolesOf').mockImplementation(async (id) => {
      await disableAccount({ table: embedded.table, now: clock.now }, id);
      clock.advance(SECOND);
      await enableAccount({ table: embedded.table, now: clock.now }, id);
      return rolesOf(id);
    });
    expect(await pass({ pass: 'quick' })).toMatchObject({
      changes: [],
      waiting: ['no_admin_events', 'changed_meanwhile'],
    });
    spy.mockRestore();
    expect((await pass({ pass: 'quick' })).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
  });

  it('is made a full one, every 15 minutes, while more are disabled than it can keep track of', async () => {
    await givenUsers('ada');
    for (let index = 0; index <= MAX_DISABLED; index++) realm.put(`off-${index}`, { enabled: false });
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'full' });
    expect(await item(syncStateAt(ISSUER))).not.toHaveProperty('disabled');
    clock.advance(15 * MINUTE - 1);
    realm.put('ada', { enabled: false });
    expect(await pass({ pass: 'quick' })).toMatchObject({
      pass: 'quick',
      waiting: ['no_admin_events', 'too_many_disabled'],
    });
    clock.advance(1);
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'full', changes: [{ userId: 'ada' }] });
  });

  it('fits as many disabled users into one item as it keeps track of', async () => {
    for (let index = 0; index < MAX_DISABLED; index++) {
      realm.put(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, { enabled: false });
    }
    await pass();
    expect((await item(syncStateAt(ISSUER)))?.['disabled']).toHaveLength(MAX_DISABLED);
  });
});

describe('admin events', () => {
  beforeEach(async () => {
    realm.keeps = 'kept';
    await givenUsers('ada', 'bob');
    await pass();
    await pass({ pass: 'quick' });
    clock.advance(10 * MINUTE);
  });

  it('bring in what was changed in the users that they name, each once', async () => {
    realm.put('ada', { email: 'ada@example.com' });
    realm.put('ada', { firstName: 'Ada' });
    expect(await pass({ pass: 'quick' })).toMatchObject({
      lookedUp: 1,
      changes: [{ userId: 'ada', differs: ['email', 'firstName'] }],
      waiting: [],
    });
    const state = await item(syncStateAt(ISSUER));
    expect(await pass({ pass: 'quick' })).toMatchObject({ lookedUp: 0 });
    expect(await item(syncStateAt(ISSUER))).toEqual(state);
  });

  it('are seen though they become visible after a later one', async () => {
    realm.put('ada', { email: 'ada@example.com' });
    const [late] = realm.events$.splice(0, 1);
    clock.advance(30 * SECOND);
    realm.put('bob', { email: 'bob@example.com' });
    expect((await pass({ pass: 'quick' })).changes).toMatchObject([{ userId: 'bob' }]);
    if (late !== undefined) realm.events$.push(late);
    expect((await pass({ pass: 'quick' })).changes).toMatchObject([{ userId: 'ada' }]);
  });

  it.each([
    'roles/editor/composites',
    'roles-by-id/1/composites',
    'groups/1/role-mappings/realm',
    'groups/1',
    'clients/1/roles/x',
  ])('about %s say that the roles of users wait for a full pass', async (path) => {
    realm.events$.unshift({ id: path, time: clock.now(), path });
    expect(await pass({ pass: 'quick' })).toMatchObject({ lookedUp: 0, waiting: ['roles_or_groups_changed'] });
    expect(await pass({ pass: 'quick' })).toMatchObject({ waiting: [] });
  });

  it.each([
    [5 * MINUTE + 30 * SECOND, 1, 'are looked at once more, since the realm may have another time'],
    [5 * MINUTE + 30 * SECOND + 1, 0, 'are not'],
  ])('from %i ms before a full pass: %i looked up, they %s', async (age, lookedUp) => {
    realm.put('ada');
    clock.advance(age);
    await pass();
    expect(await pass({ pass: 'quick' })).toMatchObject({ lookedUp });
  });

  it('are too many to be looked at one by one', async () => {
    for (let index = 0; index <= 2000; index++) realm.put('ada');
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'quick', waiting: ['too_many_changes'] });
    clock.advance(5 * MINUTE);
    expect(await pass({ pass: 'quick' })).toMatchObject({ pass: 'full' });
  });
});

describe("the realm's key set", () => {
  const usable = { keys: [makeKeyPair(0).jwk] };
  const kept = () => item(keySetAt(ISSUER));

  it.each<[string, unknown]>([
    ['has only keys that are not for RS256', { keys: [makeKeyPair(0, { use: 'enc' }).jwk] }],
    ['is empty', { keys: [] }],
    ['is no key set', 'welcome'],
    ['can not be fetched', new SyncError('realm_unreachable', 'no answer')],
  ])('is not kept when it %s: the one before stays, and the pass is made', async (_, published) => {
    realm.published = usable;
    await pass();
    const before = await kept();
    clock.advance(MINUTE);
    realm.published = published;
    expect(await pass()).toMatchObject({ keySet: 'not_kept' });
    expect(await kept()).toEqual(before);
  });

  it('is kept as it was published, with when it was fetched', async () => {
    realm.published = usable;
    expect(await pass()).toMatchObject({ keySet: 'kept' });
    const { pk, sk, jwks, fetchedAt, ...rest } = (await kept()) ?? {};
    expect({ pk, sk, fetchedAt, rest }).toEqual({
      pk: `jwks#${ISSUER}`,
      sk: 'jwks',
      fetchedAt: clock.seconds(),
      rest: {},
    });
    expect(JSON.parse(String(jwks))).toEqual(usable);
  });

  it('is fetched anew by a quick pass once it is ten minutes old', async () => {
    realm.published = usable;
    await pass();
    clock.advance(10 * MINUTE - SECOND);
    expect(await pass({ pass: 'quick' })).toMatchObject({ keySet: 'fresh' });
    clock.advance(SECOND);
    expect(await pass({ pass: 'quick' })).toMatchObject({ keySet: 'kept' });
    expect((await kept())?.['fetchedAt']).toBe(clock.seconds());
  });

  it('never replaces a newer one', async () => {
    realm.published = usable;
    await pass();
    const newer = await kept();
    clock.advance(-MINUTE);
    realm.published = { keys: [makeKeyPair(1).jwk] };
    expect(await pass()).toMatchObject({ keySet: 'fresh' });
    expect(await kept()).toEqual(newer);
  });
});

describe('accounts for users who have none', () => {
  it('are made only if that is asked for, and none over a deleted one', async () => {
    await givenUsers('ada', 'bob');
    await deleteAccount({ table: embedded.table, now: clock.now }, 'bob');
    realm.put('cal', { email: ' cal@example.com', roles: ['viewer', 'editor'] });
    realm.put('dan', { enabled: false });
    expect(await pass()).toMatchObject({ lookedUp: 1, changes: [] });
    expect(realm.asked).not.toContain('user bob');
    const created = { changes: [{ userId: 'cal', action: 'create' }] };
    expect(await pass({ create: true, dryRun: true })).toMatchObject(created);
    expect(await pass({ create: true })).toMatchObject(created);
    expect(await account('cal')).toMatchObject({ email: 'cal@example.com', roles: ['editor', 'viewer'], active: true });
    expect(await account('bob')).toMatchObject({ deleted: true });
    expect(await account('dan')).toBeUndefined();
  });
});
