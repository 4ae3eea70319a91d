import { randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { changeAccount, disableAccount, enableAccount } from '../../src/accounts/account-state.ts';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount, restoreAccount } from '../../src/accounts/delete-account.ts';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { deleteKey, disableKey } from '../../src/accounts/key-state.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import { moveAccount } from '../../src/accounts/move-account.ts';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { HOUR } from '../support/moved-clock.ts';
import { useOpenedTable } from '../support/opened-table.ts';
import { cutOffAt } from '../support/table-trouble.ts';
import { removeWhatMayGo } from '../support/ttl.ts';

const start = useGatepass();

const table = useOpenedTable();
let scenes = 0;

interface Scene {
  readonly admin: Admin;
  readonly gatepass: Gatepass;
  /** An id of this scene's own. */
  id(name: string): string;
  /** A user with so many keys. */
  user(name: string, keys?: number): Promise<readonly { key: string; keyId: string }[]>;
  move(from: string, to: string, merge?: boolean): ReturnType<typeof moveAccount>;
  /** What is decided on a key: for whom it is let through, or why it isn't. */
  decided(key: string): Promise<string | undefined>;
}

function begin(): Scene {
  const gatepass = start();
  const admin = openAdmin({ table, now: gatepass.clock.now });
  scenes += 1;
  const scene = scenes;
  const id = (name: string) => `${name}-${scene}`;
  return {
    admin,
    gatepass,
    id,
    async user(name, keys = 0) {
      const userId = id(name);
      await createAccount(admin, { userId, email: `${name}@example.com`, roles: [`role-of-${name}`] });
      const made = [];
      for (let index = 0; index < keys; index++) {
        const { key, item } = await createKey(admin, { userId, name: `key ${index}` });
        made.push({ key, keyId: item.keyId });
      }
      return made;
    },
    move: (from, to, merge) => moveAccount(admin, { from: id(from), to: id(to), merge }),
    async decided(key) {
      const { result, log } = await gatepass.answer(key);
      return log.outcome === 'allow' ? String(result.context?.['userId']) : log.reason;
    },
  };
}

/** Whom the keys of the table, by their ids, belong to. */
async function ownersOf(keys: readonly { keyId: string }[]): Promise<readonly unknown[]> {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name, ConsistentRead: true }));
  return keys.map(({ keyId }) => Items.find(({ sk }) => sk === `key#${keyId}`)?.['userId']);
}

describe('a moved user', () => {
  it('has keys that work on under the new id, with one more read, and what was known of the user', async () => {
    const { id, admin, user, move, decided, gatepass } = begin();
    const keys = await user('old', 2);
    expect(await move('old', 'new')).toMatchObject({ changed: true, account: { userId: id('new'), keyCount: 2 } });
    for (const { key } of keys) expect(await decided(key)).toBe(id('new'));
    const [first] = keys;
    const { result, log } = await gatepass.answer(first?.key ?? '');
    expect(log).toMatchObject({ tableRequests: 2, userId: id('new'), apiKeyId: first?.keyId });
    expect(result.context).toMatchObject({ email: 'old@example.com', roles: '["role-of-old"]' });
    expect(await ownersOf(keys)).toEqual([id('new'), id('new')]);
    expect(await getAccount(admin, id('old'))).toStrictEqual({
      ...{ userId: id('old'), deleted: true, deletedAt: gatepass.clock.seconds(), movedTo: id('new') },
    });
  });

  it('who is moved again finds nothing to do; to somebody else is refused', async () => {
    const { id, user, move } = begin();
    await user('old', 1);
    await move('old', 'new');
    expect(await move('old', 'new')).toMatchObject({ changed: false, account: { userId: id('new'), keyCount: 1 } });
    await expect(move('old', 'other')).rejects.toMatchObject({ code: 'user_moved' });
  });

  it('has all keys listed, counted, disabled and deleted by the new id', async () => {
    const { id, admin, user, move, decided } = begin();
    const [moved, ended] = await user('old', 2);
    if (!moved || !ended) throw new Error('expected two keys');
    await move('old', 'new');
    const { key } = await createKey(admin, { userId: id('new'), name: 'a new one' });
    expect(await listKeys(admin, id('new'))).toHaveLength(3);
    expect(await getAccount(admin, id('new'))).toMatchObject({ keyCount: 3 });

    await deleteKey(admin, { userId: id('new'), keyId: ended.keyId });
    expect(await getAccount(admin, id('new'))).toMatchObject({ keyCount: 2 });
    await disableAccount(admin, id('new'));
    expect([await decided(moved.key), await decided(key)]).toEqual(Array(2).fill('api_key.account_disabled'));
    await enableAccount(admin, id('new'));
    expect([await decided(moved.key), await decided(key)]).toEqual(Array(2).fill(id('new')));
    const fresh = await rotateKey(admin, { userId: id('new'), keyId: moved.keyId }, { graceSeconds: 0 });
    expect([await decided(moved.key), await decided(fresh.key)]).toEqual(['api_key.replaced', id('new')]);

    await deleteAccount(admin, id('new'));
    expect([await decided(fresh.key), await decided(key)]).toEqual(['api_key.deleted', 'api_key.deleted']);
    await removeWhatMayGo(table);
    expect([await decided(fresh.key), await decided(key)]).toEqual(['api_key.unknown', 'api_key.unknown']);
  });

  it.each<[string, (admin: Admin, userId: string) => Promise<unknown>]>([
    ['enabled', enableAccount],
    ['given a key', (admin, userId) => createKey(admin, { userId, name: 'CI' })],
    ['made again', (admin, userId) => createAccount(admin, { userId })],
    ['deleted', deleteAccount],
    ['restored', restoreAccount],
    ['asked for keys', listKeys],
  ])('can not be %s by the old id: it says the new one', async (_, command) => {
    const { id, admin, user, move, decided } = begin();
    const [{ key } = { key: '' }] = await user('old', 1);
    await move('old', 'new');
    await expect(command(admin, id('old'))).rejects.toMatchObject({
      code: 'user_moved',
      message: `User ${id('old')} was moved to ${id('new')}: use that id.`,
    });
    expect(await decided(key)).toBe(id('new'));
  });

  it('has imported keys that work on, and a file that names the old id is refused, the new one is not', async () => {
    const { id, admin, user, move, decided } = begin();
    const key = `legacy_${randomBytes(24).toString('hex')}`;
    const importFor = async (name: string) => {
      async function* lines() {
        yield { number: 1, raw: { userId: id(name), key } };
      }
      const refused: string[] = [];
      const rules = { importedPrefixes: ['legacy_'], keyPrefix: 'gp', environment: 'live' };
      const onRefused = (_: number, why: string) => refused.push(why);
      const summary = await importLines(admin, lines(), { rules, concurrency: 1, onRefused });
      return { summary, refused };
    };
    await user('old');
    await importFor('old');
    await move('old', 'new');
    expect(await decided(key)).toBe(id('new'));
    expect((await importFor('old')).refused).toEqual([`the user was moved to ${id('new')}: import that one`]);
    expect((await importFor('new')).summary).toMatchObject({ keysUnchanged: 1, refused: 0 });
    expect(await listKeys(admin, id('new'))).toHaveLength(1);
  });
});

describe('a user who is moved on, and on', () => {
  it('has all keys, wherever they were made, working with one more read each', async () => {
    const { id, admin, user, move, decided, gatepass } = begin();
    const keys = [...(await user('a', 1))];
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ] as const) {
      await move(from, to);
      const { key, item } = await createKey(admin, { userId: id(to), name: to });
      keys.push({ key, keyId: item.keyId });
    }
    expect(await Promise.all(keys.map(({ key }) => decided(key)))).toEqual(Array(4).fill(id('d')));
    for (const { key } of keys) expect((await gatepass.answer(key)).log.tableRequests).toBeLessThanOrEqual(2);
    expect(await ownersOf(keys)).toEqual(Array(4).fill(id('d')));
    expect(await listKeys(admin, id('d'))).toHaveLength(4);
    expect(await getAccount(admin, id('a'))).toMatchObject({ movedTo: id('d') });
  });

  it('can be moved back', async () => {
    const { id, admin, user, move, decided } = begin();
    const [{ key } = { key: '' }] = await user('a', 1);
    await move('a', 'b');
    const { key: another } = await createKey(admin, { userId: id('b'), name: 'made meanwhile' });
    await move('b', 'a');
    expect([await decided(key), await decided(another)]).toEqual([id('a'), id('a')]);
    expect(await listKeys(admin, id('a'))).toHaveLength(2);
    expect(await getAccount(admin, id('b'))).toMatchObject({ movedTo: id('a') });
  });
});

describe('a move to a user who is there already', () => {
  it('keeps what is known of them, since the keys take it on', async () => {
    const { id, user, move, gatepass } = begin();
    const [{ key } = { key: '' }] = await user('old', 1);
    await user('new');
    expect(await move('old', 'new')).toMatchObject({ account: { email: 'new@example.com', keyCount: 1 } });
    const { result } = await gatepass.answer(key);
    expect(result.context).toMatchObject({ userId: id('new'), roles: '["role-of-new"]' });
  });

  it('and has keys needs to be told to merge, and changes nothing else', async () => {
    const { id, admin, user, move, decided } = begin();
    const [{ key } = { key: '' }] = await user('old', 1);
    const [{ key: own } = { key: '' }] = await user('new', 1);
    const before = await Promise.all(['old', 'new'].map((name) => getAccount(admin, id(name))));
    await expect(move('old', 'new')).rejects.toMatchObject({ code: 'user_has_keys', message: /--merge/ });
    expect(await Promise.all(['old', 'new'].map((name) => getAccount(admin, id(name))))).toStrictEqual(before);
    expect([await decided(key), await decided(own)]).toEqual([id('old'), id('new')]);
    expect(await move('old', 'new', true)).toMatchObject({ account: { keyCount: 2 } });
    expect([await decided(key), await decided(own)]).toEqual([id('new'), id('new')]);
  });

  it('and whose keys are all deleted needs no word', async () => {
    const { id, admin, user, move } = begin();
    await user('old', 1);
    const [{ keyId } = { keyId: '' }] = await user('new', 1);
    await deleteKey(admin, { userId: id('new'), keyId });
    expect(await move('old', 'new')).toMatchObject({ account: { keyCount: 1 } });
  });

  type Act = (scene: Scene) => Promise<unknown>;
  it.each<[string, Act, string]>([
    ['disabled, while the old one is active', ({ admin, id }) => disableAccount(admin, id('new')), 'user_not_active'],
    [
      'active, while an operator disabled the old one',
      ({ admin, id }) => disableAccount(admin, id('old')),
      'user_not_active',
    ],
    ['deleted', ({ admin, id }) => deleteAccount(admin, id('new')), 'user_deleted'],
    ['moved elsewhere', ({ move }) => move('new', 'newer'), 'user_moved'],
  ])('and is %s is refused', async (_, act, code) => {
    const scene = begin();
    const { id, user, move, decided } = scene;
    const [{ key } = { key: '' }] = await user('old', 1);
    await user('new');
    await act(scene);
    const before = await decided(key);
    await expect(move('old', 'new')).rejects.toMatchObject({ name: 'AdminError', code });
    expect(await decided(key)).toBe(before);
    expect([id('old'), 'api_key.account_disabled']).toContain(before);
  });

  it('lets keys work again that only the sync had disabled, as when a realm was rebuilt', async () => {
    const { id, admin, user, move, decided } = begin();
    const [{ key } = { key: '' }] = await user('old', 1);
    await user('new');
    await changeAccount(admin, id('old'), () => ({ active: false, disabledBy: 'sync' }));
    expect(await decided(key)).toBe('api_key.account_disabled');
    await move('old', 'new');
    expect(await decided(key)).toBe(id('new'));
  });
});

describe('a move', () => {
  it('of a disabled user to one who is not there yet keeps the state, and who is behind it', async () => {
    const { id, admin, user, move, decided } = begin();
    const [{ key } = { key: '' }] = await user('old', 1);
    await changeAccount(admin, id('old'), () => ({ active: false, disabledBy: 'sync' }));
    expect(await move('old', 'new')).toMatchObject({ account: { active: false, disabledBy: 'sync' } });
    expect(await decided(key)).toBe('api_key.account_disabled');
  });

  it.each([
    ['of a user who is not there', 'nobody', 'new', 'user_not_found'],
    ['of a user to themselves', 'old', 'old', 'invalid_input'],
  ])('%s is refused', async (_, from, to, code) => {
    const { user, move } = begin();
    await user('old', 1);
    await expect(move(from, to)).rejects.toMatchObject({ code });
  });

  it('of a deleted user is refused', async () => {
    const { id, admin, user, move } = begin();
    await user('old', 1);
    await deleteAccount(admin, id('old'));
    await expect(move('old', 'new')).rejects.toMatchObject({ code: 'user_deleted' });
  });

  it('has the keys working between any two of its writes, and a repeat does the rest', async () => {
    for (let write = 1, isCut = true; isCut; write++) {
      const { id, admin, user, move, decided, gatepass } = begin();
      const keys = [...(await user('a', 2))];
      await move('a', 'b');
      const { key, item } = await createKey(admin, { userId: id('b'), name: 'of b' });
      keys.push({ key, keyId: item.keyId });
      isCut = await cutOffAt(table, write, () => move('b', 'c'));
      for (const one of keys) expect([id('b'), id('c')], `write ${write}`).toContain(await decided(one.key));
      gatepass.clock.advance(HOUR);
      await move('b', 'c');
      expect(await Promise.all(keys.map((one) => decided(one.key))), `write ${write}`).toEqual(Array(3).fill(id('c')));
      expect(await ownersOf(keys), `write ${write}`).toEqual(Array(3).fill(id('c')));
      expect(await getAccount(admin, id('c'))).toMatchObject({ keyCount: 3 });
      expect(await move('b', 'c')).toMatchObject({ changed: false });
      if (!isCut) expect(write).toBeGreaterThan(6);
    }
  });

  it('has the keys working all the while it runs', async () => {
    const { id, user, move, decided } = begin();
    const keys = await user('a', 5);
    let isRunning = true;
    const seen = new Set<string | undefined>();
    const callers = keys.map(async ({ key }) => {
      while (isRunning) seen.add(await decided(key));
    });
    try {
      await move('a', 'b');
      await move('b', 'c');
      await move('c', 'a');
    } finally {
      isRunning = false;
      await Promise.all(callers);
    }
    expect([...seen].filter((one) => ![id('a'), id('b'), id('c')].includes(String(one)))).toEqual([]);
  });

  it('takes along a key that is being made at that moment', async () => {
    const { id, admin, user, move, decided } = begin();
    await user('old', 1);
    const made = createKey(admin, { userId: id('old'), name: 'made meanwhile' }).catch((error: unknown) => error);
    await move('old', 'new');
    const outcome = await made;
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'user_moved' });
    else expect(await decided((outcome as { key: string }).key)).toBe(id('new'));
  });

  it('gives no disabled key back', async () => {
    const { id, admin, user, move, decided } = begin();
    const [{ key, keyId } = { key: '', keyId: '' }] = await user('old', 1);
    await disableKey(admin, { userId: id('old'), keyId });
    await move('old', 'new');
    expect(await decided(key)).toBe('api_key.inactive');
  });
});
