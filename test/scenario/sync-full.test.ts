import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disableAccount } from '../../src/accounts/account-state.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { SyncError } from '../../src/keycloak/sync-error.ts';
import { keySetAt } from '../../src/table/items.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { MINUTE, SECOND } from '../support/moved-clock.ts';
import { makeKeyPair } from '../support/realm.ts';
import { ISSUER, numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});

afterEach(() => scene.embedded.stop());

const admin = () => ({ table: scene.embedded.table, now: scene.clock.now });
const stateItem = () => scene.item(syncStateAt(ISSUER));

/** Which users were looked up by id. */
const lookedUp = () => scene.realm.asked.filter((what) => what.startsWith('user ')).map((what) => what.slice(5));

describe('a full pass by lists', () => {
  it('looks nobody up where nothing differs, nor for names, email and added roles', async () => {
    await scene.givenUsers('ada', 'bob');
    scene.realm.put('bob', { email: 'bob@example.com', firstName: 'Bob', roles: ['viewer'] });
    expect((await scene.pass()).changes).toMatchObject([
      { userId: 'bob', action: 'update', differs: ['email', 'firstName', 'roles'] },
    ]);
    expect(scene.realm.asked).toEqual(['settings', 'disabled', 'events config', 'lists', 'keys']);
    expect(await scene.account('bob')).toMatchObject({ email: 'bob@example.com', roles: ['viewer'] });
    expect((await scene.pass()).changes).toEqual([]);
  });

  it.each<[string, (id: string) => void]>([
    ['is missing', (id) => scene.realm.remove(id)],
    ['is disabled', (id) => scene.realm.put(id, { enabled: false })],
    ['has a role less', (id) => scene.realm.put(id, { roles: ['viewer'] })],
  ])('looks up who %s, and nobody else', async (_, change) => {
    await scene.givenUsers('ada', 'bob');
    scene.realm.put('bob', { roles: ['editor', 'viewer'] });
    await scene.pass();
    scene.clock.advance(SECOND);
    change('bob');
    scene.realm.asked.length = 0;
    expect((await scene.pass()).changes).toHaveLength(1);
    expect(new Set(lookedUp())).toEqual(new Set(['bob']));
  });

  it('looks up whom it enables again', async () => {
    await scene.givenUsers('ada');
    scene.realm.put('ada', { enabled: false });
    await scene.pass();
    scene.clock.advance(SECOND);
    scene.realm.put('ada', { enabled: true });
    scene.realm.asked.length = 0;
    expect((await scene.pass()).changes).toMatchObject([{ userId: 'ada', action: 'enable' }]);
    expect(lookedUp()).toEqual(['ada']);
  });

  it('leaves a user alone whom lists leave out, and a role that they do not show', async () => {
    await scene.givenUsers('ada', 'bob');
    for (const id of ['ada', 'bob']) scene.realm.put(id, { roles: ['viewer'] });
    await scene.pass();
    scene.clock.advance(SECOND);
    scene.realm.unlisted.add('ada');
    const lists = scene.realm.lists;
    scene.realm.lists = async (most) => {
      const users = await lists.call(scene.realm, most);
      return typeof users === 'string' ? users : new Map([...users].map(([id, user]) => [id, { ...user, roles: [] }]));
    };
    expect((await scene.pass()).changes).toEqual([]);
    expect(await scene.account('ada')).toMatchObject({ active: true, roles: ['viewer'] });
  });

  it.each([
    [0, true],
    [-1, false],
  ])('looks up whose account was changed %i s after the lists were begun: %s', async (seconds, isLookedUp) => {
    await scene.givenUsers('ada');
    scene.realm.put('ada', { email: 'old@example.com' });
    const lists = scene.realm.lists;
    scene.realm.lists = async (most) => {
      const users = await lists.call(scene.realm, most);
      // Meanwhile the user is changed, and a quick pass writes that.
      scene.realm.put('ada', { email: 'new@example.com' });
      scene.clock.advance(seconds * SECOND);
      await disableAccount(admin(), 'ada');
      scene.clock.advance(-seconds * SECOND);
      return users;
    };
    await scene.pass();
    expect(await scene.account('ada')).toMatchObject({ email: isLookedUp ? 'new@example.com' : 'old@example.com' });
  });

  it.each<['not_allowed' | 'too_long', readonly string[]]>([
    ['not_allowed', ['no_view_realm', 'no_admin_events']],
    ['too_long', ['no_admin_events']],
  ])('looks everyone up where lists are %s', async (noLists, pending) => {
    await scene.givenUsers('ada', 'bob');
    scene.realm.noLists = noLists;
    expect(await scene.pass()).toMatchObject({ compared: 2, pending });
    expect(lookedUp().sort()).toEqual(['ada', 'bob']);
  });

  it('allows lists what look-ups would cost, as far as the last pass counted the accounts', async () => {
    await scene.givenUsers(...numbered(7));
    const allowed: number[] = [];
    const lists = scene.realm.lists;
    scene.realm.lists = (most) => {
      allowed.push(most);
      return lists.call(scene.realm, most);
    };
    await scene.pass();
    await scene.pass();
    expect(allowed).toEqual([Number.POSITIVE_INFINITY, 14]);
  });
});

describe('a realm that fails', () => {
  it('has nobody disabled, however late it fails', async () => {
    await scene.givenUsers('ada', 'bob', 'cal');
    scene.realm.put('ada', { email: 'ada@example.com' });
    scene.realm.remove('bob');
    scene.realm.noLists = 'too_long';
    // disabled, events, lists, three users and the roles of two: the ninth look-up is the one before disabling.
    for (let questions = 0; questions < 4; questions++) {
      scene.realm.dieAfter(questions);
      await expect(scene.pass()).rejects.toBeInstanceOf(SyncError);
      expect(await scene.activeOf(['ada', 'bob', 'cal'])).toEqual(['ada', 'bob', 'cal']);
      expect(await stateItem()).toBeUndefined();
    }
    scene.realm.dieAfter(Number.POSITIVE_INFINITY);
    expect((await scene.pass()).changes).toMatchObject([{ userId: 'ada' }, { userId: 'bob', action: 'disable' }]);
  });

  it('has written what it had answered for by then, and says so', async () => {
    await scene.givenUsers('ada', ...numbered(10));
    scene.realm.put('ada', { email: 'ada@example.com' });
    for (const id of numbered(2)) scene.realm.unanswered.add(id);
    for (const id of numbered(2)) scene.realm.unlisted.add(id);
    const told: string[] = [];
    const pass = scene.pass({ onChange: ({ userId, action }) => told.push(`${action} ${userId}`) });
    await expect(pass).rejects.toMatchObject({ code: 'too_many_skipped' });
    expect(told).toEqual(['update ada']);
    expect(await scene.account('ada')).toMatchObject({ email: 'ada@example.com' });
  });
});

it('takes a user for gone who is removed between the two questions about them', async () => {
  await scene.givenUsers('ada');
  scene.realm.unlisted.add('ada');
  scene.realm.rolesOf = async () => 'gone';
  expect((await scene.pass()).changes).toMatchObject([{ userId: 'ada', action: 'disable', because: 'gone' }]);
});

describe('before somebody is disabled', () => {
  it('they are looked up once more, since they may be back', async () => {
    await scene.givenUsers('ada');
    const before = scene.realm.users$.get('ada');
    scene.realm.remove('ada');
    scene.realm.beforeAnswer = async () => {
      // After the answer that is on its way.
      setImmediate(() => before && scene.realm.users$.set('ada', before));
    };
    expect((await scene.pass()).changes).toEqual([]);
    expect(await scene.account('ada')).toMatchObject({ active: true });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['an operator disables the account', () => disableAccount(admin(), 'ada')],
    ['an operator deletes the account', () => deleteAccount(admin(), 'ada')],
  ])('what somebody else changes meanwhile stands: %s', async (_, act) => {
    await scene.givenUsers('ada');
    scene.realm.put('ada', { email: 'ada@example.com', enabled: false });
    let done: unknown;
    scene.realm.beforeAnswer = async () => {
      scene.realm.beforeAnswer = () => undefined;
      scene.clock.advance(SECOND);
      await act();
      done = await scene.account('ada');
    };
    expect((await scene.pass()).changes).not.toContainEqual(expect.objectContaining({ action: 'disable' }));
    expect(await scene.account('ada')).toEqual(done);
  });
});

describe('accounts for users who have none', () => {
  it('are made only if that is asked for, and none over a deleted one', async () => {
    await scene.givenUsers('ada', 'bob');
    await deleteAccount(admin(), 'bob');
    scene.realm.put('cal', { email: ' cal@example.com', roles: ['viewer', 'editor'] });
    scene.realm.put('dan', { enabled: false });
    expect(await scene.pass()).toMatchObject({ compared: 1, changes: [] });
    const created = { changes: [{ userId: 'cal', action: 'create' }] };
    expect(await scene.pass({ create: true, dryRun: true })).toMatchObject(created);
    expect(await scene.account('cal')).toBeUndefined();
    expect(await scene.pass({ create: true })).toMatchObject(created);
    expect(lookedUp()).not.toContain('bob');
    expect(await scene.account('cal')).toMatchObject({
      email: 'cal@example.com',
      roles: ['editor', 'viewer'],
      active: true,
    });
    expect(await scene.account('bob')).toMatchObject({ deleted: true });
    expect(await scene.account('dan')).toBeUndefined();
  });

  it('are not made for ids that no account can have, which end no pass', async () => {
    await scene.givenUsers('ada');
    for (const id of ['f:ldap:ada ', `f:ldap:${'x'.repeat(256)}`, 'cal\u200b', 'dan']) scene.realm.put(id, {});
    const { changes, skipped } = await scene.pass({ create: true });
    expect(changes).toEqual([expect.objectContaining({ userId: 'dan', action: 'create' })]);
    expect(skipped).toEqual([]);
  });
});

describe("the realm's key set", () => {
  const usable = { keys: [makeKeyPair(0).jwk] };
  const kept = () => scene.item(keySetAt(ISSUER));

  it.each<[string, unknown]>([
    ['has only keys that are not for RS256', { keys: [makeKeyPair(0, { use: 'enc' }).jwk] }],
    ['is empty', { keys: [] }],
    ['is no key set', 'welcome'],
    ['can not be fetched', new SyncError('realm_unreachable', 'no answer')],
  ])('is not kept when it %s: the one before stays, and the pass is made', async (_, published) => {
    scene.realm.published = usable;
    await scene.pass();
    const before = await kept();
    scene.clock.advance(MINUTE);
    scene.realm.published = published;
    expect(await scene.pass()).toMatchObject({ keySet: 'not_kept' });
    expect(await kept()).toEqual(before);
  });

  it('is kept as it was published, with when it was fetched', async () => {
    scene.realm.published = usable;
    expect(await scene.pass()).toMatchObject({ keySet: 'kept' });
    const { pk, sk, jwks, fetchedAt, ...rest } = (await kept()) ?? {};
    const key = { pk: `jwks#${ISSUER}`, sk: 'jwks' };
    expect({ pk, sk, fetchedAt, rest }).toEqual({ ...key, fetchedAt: scene.clock.seconds(), rest: {} });
    expect(JSON.parse(String(jwks))).toEqual(usable);
  });

  it('is fetched anew by a quick pass once it is ten minutes old', async () => {
    scene.realm.published = usable;
    await scene.pass();
    scene.clock.advance(10 * MINUTE - SECOND);
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({ keySet: 'fresh' });
    scene.clock.advance(SECOND);
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({ keySet: 'kept' });
    expect((await kept())?.['fetchedAt']).toBe(scene.clock.seconds());
  });

  it('never replaces a newer one', async () => {
    scene.realm.published = usable;
    await scene.pass();
    const newer = await kept();
    scene.clock.advance(-MINUTE);
    scene.realm.published = { keys: [makeKeyPair(1).jwk] };
    expect(await scene.pass()).toMatchObject({ keySet: 'fresh' });
    expect(await kept()).toEqual(newer);
  });
});
