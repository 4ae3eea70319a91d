import { BatchGetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disableAccount, enableAccount } from '../../src/accounts/account-state.ts';
import { MOST_BYTES } from '../../src/sync/state.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { markUnconfirmed, unconfirmedUsers } from '../../src/table/unconfirmed.ts';
import { MINUTE, SECOND } from '../support/moved-clock.ts';
import { makeKeyPair } from '../support/realm.ts';
import { ISSUER, numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});

afterEach(() => scene.embedded.stop());

const quick = () => scene.pass({ pass: 'quick' });
const stateItem = () => scene.item(syncStateAt(ISSUER));

/** As many disabled users with ids of Keycloak's form as the state holds, and some more. */
function disableAsManyAsFit(more: number): void {
  const count = Math.floor(MOST_BYTES.disabled / 48) + more;
  for (let index = 0; index < count; index++) {
    scene.realm.put(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, { enabled: false });
  }
}

/** An operator disables and enables the account while its user is looked up. */
function changeMeanwhile(): void {
  const admin = { table: scene.embedded.table, now: scene.clock.now };
  scene.realm.beforeAnswer = async (id) => {
    scene.clock.advance(SECOND);
    await disableAccount(admin, id);
    await enableAccount(admin, id);
  };
}

describe('a quick pass', () => {
  it('is a full one the first time, and after a state that it can not read', async () => {
    await scene.givenUsers('ada');
    expect(await quick()).toMatchObject({ pass: 'full' });
    expect(await quick()).toMatchObject({ pass: 'quick' });
    const { client, name } = scene.embedded.table;
    await client.send(new PutCommand({ TableName: name, Item: { ...syncStateAt(ISSUER), disabled: 'all' } }));
    expect(await quick()).toMatchObject({ pass: 'full' });
  });

  it('asks only for disabled users, reads twice and writes nothing when nothing has changed', async () => {
    await scene.givenUsers(...numbered(5));
    scene.realm.put('user-0', { enabled: false });
    scene.realm.published = { keys: [makeKeyPair(0).jwk] };
    await scene.pass();
    scene.realm.asked.length = 0;
    const send = vi.spyOn(scene.embedded.table.client, 'send');
    expect(await quick()).toMatchObject({ compared: 0, changes: [], realmRequests: 2 });
    expect(scene.realm.asked).toEqual(['settings', 'disabled']);
    expect(send.mock.calls.map(([command]) => command.constructor)).toEqual([BatchGetCommand, QueryCommand]);
  });

  it('looks up who was disabled, who no longer is, and nobody else', async () => {
    await scene.givenUsers('ada', 'bob', 'cal', 'dan');
    scene.realm.put('ada', { enabled: false });
    scene.realm.put('bob', { enabled: false });
    await scene.pass();
    scene.realm.put('ada', { enabled: true });
    scene.realm.remove('bob');
    scene.realm.put('cal', { enabled: false });
    scene.realm.put('nobody', { enabled: false });
    scene.realm.asked.length = 0;
    expect((await quick()).changes).toEqual([
      { userId: 'ada', action: 'enable', because: undefined, differs: [] },
      { userId: 'bob', action: 'update', because: undefined, differs: ['goneSince'] },
      { userId: 'cal', action: 'disable', because: 'disabled_in_realm', differs: [] },
    ]);
    expect(scene.realm.asked).not.toContain('user dan');
    expect(await scene.account('bob')).toMatchObject({ active: false, disabledBy: 'sync' });
  });

  it('does again what a table that failed left undone', async () => {
    await scene.givenUsers('ada');
    await scene.pass();
    scene.realm.put('ada', { enabled: false });
    const { client } = scene.embedded.table;
    const send = client.send.bind(client);
    const spy = vi.spyOn(client, 'send').mockImplementation(async (command) => {
      if (command.constructor.name === 'UpdateCommand') throw new Error('throttled');
      return send(command);
    });
    await expect(quick()).rejects.toThrow('throttled');
    spy.mockRestore();
    expect((await quick()).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
  });

  it.each(['quick', 'full'] as const)(
    'does again what a %s pass left, since somebody changed the account',
    async (pass) => {
      await scene.givenUsers('ada');
      if (pass === 'quick') await scene.pass();
      scene.realm.put('ada', { enabled: false });
      changeMeanwhile();
      expect(await scene.pass({ pass })).toMatchObject({
        changes: [],
        pending: ['no_admin_events', 'changed_meanwhile'],
      });
      scene.realm.beforeAnswer = () => undefined;
      expect((await quick()).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
      expect(await quick()).toMatchObject({ compared: 0 });
    },
  );

  it('is made a full one, every 15 minutes, while more are disabled than it can keep track of', async () => {
    await scene.givenUsers('ada');
    disableAsManyAsFit(1);
    expect(await quick()).toMatchObject({ pass: 'full' });
    expect(await stateItem()).not.toHaveProperty('disabled');
    scene.clock.advance(15 * MINUTE - 1);
    scene.realm.put('ada', { enabled: false });
    expect(await quick()).toMatchObject({ pass: 'quick', pending: ['no_admin_events', 'too_many_disabled'] });
    scene.clock.advance(1);
    expect(await quick()).toMatchObject({ pass: 'full', changes: [{ userId: 'ada' }] });
  });

  it('fits as many disabled users into one item as it keeps track of', async () => {
    disableAsManyAsFit(0);
    await scene.pass();
    expect((await stateItem())?.['disabled']).toHaveLength(Math.floor(MOST_BYTES.disabled / 48));
  });
});

describe('admin events', () => {
  beforeEach(async () => {
    scene.realm.keeps = 'kept';
    await scene.givenUsers('ada', 'bob');
    await scene.pass();
    scene.clock.advance(10 * MINUTE);
  });

  it('bring in what was changed in the users that they name, each once', async () => {
    scene.realm.put('ada', { email: 'ada@example.com' });
    scene.realm.put('ada', { firstName: 'Ada' });
    expect(await quick()).toMatchObject({
      compared: 1,
      changes: [{ userId: 'ada', differs: ['email', 'firstName'] }],
      pending: [],
    });
    const state = await stateItem();
    expect(await quick()).toMatchObject({ compared: 0 });
    expect(await stateItem()).toEqual(state);
  });

  it.each([
    [30 * SECOND, 1],
    [30 * SECOND + 1, 0],
  ])('that become visible after one that is %i ms later are seen: %i', async (later, compared) => {
    scene.realm.put('ada', { email: 'ada@example.com' });
    const [late] = scene.realm.events$.splice(0, 1);
    scene.clock.advance(later);
    scene.realm.put('bob', { email: 'bob@example.com' });
    expect((await quick()).changes).toMatchObject([{ userId: 'bob' }]);
    if (late !== undefined) scene.realm.events$.push(late);
    expect(await quick()).toMatchObject({ compared });
  });

  it.each([
    'roles/editor/composites',
    'roles-by-id/1/composites',
    'groups/1/role-mappings/realm',
    'groups/1',
    'clients/1/roles/x',
  ])('about %s say that the roles of users are left to a full pass', async (path) => {
    scene.realm.events$.unshift({ id: path, time: scene.clock.now(), path });
    expect(await quick()).toMatchObject({ compared: 0, pending: ['roles_or_groups_changed'] });
    expect(await quick()).toMatchObject({ pending: [] });
  });

  it('are too many to be looked at one by one', async () => {
    for (let index = 0; index <= 2000; index++) scene.realm.put('ada');
    expect(await quick()).toMatchObject({ pass: 'quick', pending: ['too_many_changes'] });
    scene.clock.advance(5 * MINUTE);
    expect(await quick()).toMatchObject({ pass: 'full' });
  });
});

describe('the first quick pass after a full one', () => {
  beforeEach(() => {
    scene.realm.keeps = 'kept';
  });

  it('looks at nothing that was changed before it, however much', async () => {
    await scene.givenUsers('ada');
    for (let index = 0; index < 4000; index++) scene.realm.put('ada');
    await scene.pass();
    expect(await quick()).toMatchObject({ pass: 'quick', compared: 0, pending: [] });
  });

  it("goes by the realm's own clock", async () => {
    await scene.givenUsers('ada');
    scene.realm.events$.unshift({ id: 'early', time: scene.clock.now() + 10 * MINUTE, path: 'users/ada' });
    await scene.pass();
    expect(await quick()).toMatchObject({ compared: 0 });
    scene.realm.events$.unshift({ id: 'next', time: scene.clock.now() + 10 * MINUTE + 1, path: 'users/ada' });
    expect(await quick()).toMatchObject({ compared: 1 });
  });

  it('looks at what was changed while lists were read', async () => {
    await scene.givenUsers('ada');
    const lists = scene.realm.lists;
    scene.realm.lists = async (most) => {
      const users = await lists.call(scene.realm, most);
      scene.realm.put('ada', { email: 'new@example.com' });
      return users;
    };
    expect((await scene.pass()).changes).toEqual([]);
    expect((await quick()).changes).toMatchObject([{ userId: 'ada', differs: ['email'] }]);
  });

  it('looks again at what a quick pass during the full one had seen, since older lists may have undone that', async () => {
    await scene.givenUsers('ada');
    await scene.pass();
    scene.clock.advance(MINUTE);
    scene.realm.put('ada', { email: 'old@example.com' });
    const lists = scene.realm.lists;
    scene.realm.lists = async (most) => {
      const users = await lists.call(scene.realm, most);
      scene.clock.advance(SECOND);
      scene.realm.put('ada', { email: undefined });
      await quick(); // has nothing to write
      return users;
    };
    expect((await scene.pass()).changes).toMatchObject([{ userId: 'ada', differs: ['email'] }]);
    expect((await quick()).changes).toMatchObject([{ userId: 'ada', differs: ['email'] }]);
    expect(await scene.account('ada')).not.toHaveProperty('email');
  });
});

describe('the account of a user who made it by signing in', () => {
  it.each(['quick', 'full'] as const)('is looked up by the next %s pass, and not again', async (pass) => {
    await scene.givenUsers('ada', 'bob');
    scene.realm.put('ada', { enabled: false });
    scene.realm.unlisted.add('ada');
    await scene.pass();
    scene.clock.advance(MINUTE);
    // They were signed in when they were disabled, and have made their first key since.
    const admin = { table: scene.embedded.table, now: scene.clock.now };
    await enableAccount(admin, 'ada');
    await markUnconfirmed(scene.embedded.table, 'ada');
    await markUnconfirmed(scene.embedded.table, 'not-there-yet');
    scene.clock.advance(MINUTE);
    expect((await scene.pass({ pass })).changes).toMatchObject([{ userId: 'ada', action: 'disable' }]);
    const left: string[] = [];
    for await (const userId of unconfirmedUsers(scene.embedded.table)) left.push(userId);
    expect(left).toEqual(['not-there-yet']);
  });

  it('is looked up again where the realm did not answer', async () => {
    await scene.givenUsers('ada');
    await scene.pass();
    await markUnconfirmed(scene.embedded.table, 'ada');
    scene.realm.unanswered.add('ada');
    expect(await quick()).toMatchObject({ skipped: [{ userId: 'ada' }] });
    scene.realm.unanswered.clear();
    expect(await quick()).toMatchObject({ skipped: [], compared: 1 });
  });
});
