import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type AccountChange, changeAccount, disableAccount, enableAccount } from '../../src/accounts/account-state.ts';
import { createAccount, getAccount, listAccounts } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount, restoreAccount } from '../../src/accounts/delete-account.ts';
import { disableKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { updateAccount } from '../../src/accounts/update-account.ts';
import { type AccountRecord, writeAccount } from '../../src/table/accounts.ts';
import { accountAt } from '../../src/table/items.ts';
import { writeKey } from '../../src/table/keys.ts';
import type { Changes } from '../../src/table/write.ts';
import { useGatepass } from '../support/gatepass.ts';
import { HOUR, type MovedClock } from '../support/moved-clock.ts';
import { useOpenedTable } from '../support/opened-table.ts';
import { beforeNextUpdate, cutOffAt } from '../support/table-trouble.ts';
import { removeWhatMayGo } from '../support/ttl.ts';

const start = useGatepass();

const THIRTY_DAYS = 30 * 86_400;

const table = useOpenedTable();
let users = 0;

interface Life {
  readonly admin: Admin;
  readonly userId: string;
  readonly clock: MovedClock;
  create(): Promise<{ key: string; keyId: string }>;
  reason(authorization: string): Promise<string>;
  token(): Promise<string>;
}

/** A new user, and the authorizer on the same table and clock; it looks at the accounts of tokens too. */
async function begin(): Promise<Life> {
  const { clock, realm, answer } = start({ env: { GATEPASS_ACCOUNT_CHECK: 'all' } });
  users += 1;
  const userId = `user-${users}`;
  const admin = openAdmin({ table, now: clock.now });
  await createAccount(admin, { userId, email: 'ada@example.com', roles: ['editor'] });
  return {
    admin,
    userId,
    clock,
    async create() {
      const { key, item } = await createKey(admin, { userId, name: 'CI' });
      return { key, keyId: item.keyId };
    },
    reason: async (authorization) => (await answer(authorization)).log.reason,
    token: async () => `Bearer ${await realm.token({ sub: userId })}`,
  };
}

async function storedOf(userId: string): Promise<readonly Record<string, unknown>[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': accountAt(userId).pk },
      ConsistentRead: true,
    }),
  );
  return Items;
}

async function accountItem(userId: string): Promise<Record<string, unknown> | undefined> {
  return (await storedOf(userId)).find(({ sk }) => sk === 'account');
}

describe('a disabled user', () => {
  it('has all keys and tokens refused at once, and those good by themselves accepted once enabled', async () => {
    const { admin, userId, create, reason, token } = await begin();
    const good = await create();
    const bad = await create();
    await disableKey(admin, { userId, keyId: bad.keyId });
    expect([await reason(good.key), await reason(await token())]).toEqual(['api_key.valid', 'token.valid']);

    expect(await disableAccount(admin, userId)).toMatchObject({ changed: true });
    expect(await reason(good.key)).toBe('api_key.account_disabled');
    expect(await reason(await token())).toBe('token.account_disabled');

    expect(await enableAccount(admin, userId)).toMatchObject({ changed: true });
    expect([await reason(good.key), await reason(await token())]).toEqual(['api_key.valid', 'token.valid']);
    expect(await reason(bad.key)).toBe('api_key.inactive');
  });

  it('by the sync is taken over by an operator who disables too', async () => {
    const { admin, userId } = await begin();
    await changeAccount(admin, userId, () => ({ active: false, disabledBy: 'sync' }));
    expect(await getAccount({ table }, userId)).toMatchObject({ active: false, disabledBy: 'sync' });
    expect(await disableAccount(admin, userId)).toMatchObject({ changed: true });
    expect(await getAccount({ table }, userId)).toMatchObject({ active: false, disabledBy: 'operator' });
  });

  it("is nobody's any more once enabled", async () => {
    const { admin, userId } = await begin();
    await disableAccount(admin, userId);
    await enableAccount(admin, userId);
    expect(await getAccount({ table }, userId)).not.toHaveProperty('disabledBy');
  });
});

describe('a deleted user', () => {
  it('has all keys refused for good, each deleted by itself, to be removed 30 days later', async () => {
    const { admin, userId, clock, create, reason, token } = await begin();
    const keys = [await create(), await create()];
    clock.advance(HOUR);
    expect(await deleteAccount(admin, userId)).toMatchObject({ changed: true, account: { userId, deleted: true } });
    for (const { key } of keys) expect(await reason(key)).toBe('api_key.deleted');
    expect(await reason(await token())).toBe('token.account_deleted');
    const at = clock.seconds();
    const kept = (await storedOf(userId)).filter(({ sk }) => sk !== 'account');
    expect(kept).toHaveLength(2);
    for (const item of kept) {
      expect(item).toMatchObject({ active: false, deleted: true, deletedAt: at, purgeAt: at + THIRTY_DAYS });
    }
  });

  it('leaves a tombstone that says nothing but when, and never goes', async () => {
    const { admin, userId, clock, create } = await begin();
    await create();
    await deleteAccount(admin, userId);
    const tombstone = { ...accountAt(userId), deleted: true, deletedAt: clock.seconds() };
    expect(await accountItem(userId)).toStrictEqual(tombstone);
    expect(await getAccount(admin, userId)).toStrictEqual({ userId, deleted: true, deletedAt: clock.seconds() });
    for await (const account of listAccounts(admin)) expect(account.userId).not.toBe(userId);
    clock.advance(HOUR);
    expect(await deleteAccount(admin, userId)).toMatchObject({ changed: false });
    expect(await accountItem(userId)).toStrictEqual(tombstone);
  });

  it('stays refused when all that may be removed has been', async () => {
    const { admin, userId, create, reason, token } = await begin();
    const { key } = await create();
    await deleteAccount(admin, userId);
    await removeWhatMayGo(table);
    expect(await storedOf(userId)).toHaveLength(1);
    expect(await reason(key)).toBe('api_key.unknown');
    expect(await reason(await token())).toBe('token.account_deleted');
    await expect(createAccount(admin, { userId })).rejects.toMatchObject({ code: 'user_deleted' });
  });

  it.each<[string, (admin: Admin, userId: string) => Promise<unknown>]>([
    ['enabled', enableAccount],
    ['disabled', disableAccount],
    ['made again', (admin, userId) => createAccount(admin, { userId })],
    ['given a key', (admin, userId) => createKey(admin, { userId, name: 'CI' })],
  ])('can not be %s', async (_, command) => {
    const { admin, userId, clock, create } = await begin();
    await create();
    await deleteAccount(admin, userId);
    const before = await storedOf(userId);
    clock.advance(HOUR);
    await expect(command(admin, userId)).rejects.toMatchObject({
      name: 'AdminError',
      code: 'user_deleted',
      message: expect.stringContaining('users restore'),
    });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it.each([2, 3, 4, 5])(
    'is refused even when the command was cut off at write %i, and a repeat does the rest',
    async (write) => {
      const { admin, userId, create, reason } = await begin();
      const keys = [await create(), await create(), await create()];
      await cutOffAt(table, write, () => deleteAccount(admin, userId));
      for (const { key } of keys) expect(await reason(key)).toMatch(/^api_key\.(account_)?deleted$/);

      expect(await deleteAccount(admin, userId)).toMatchObject({ changed: false });
      for (const { key } of keys) expect(await reason(key)).toBe('api_key.deleted');
      expect((await storedOf(userId)).every((item) => item['deleted'] === true)).toBe(true);
      expect(await accountItem(userId)).not.toHaveProperty('userId');
    },
  );

  it('is not deleted at all when the command was cut off before its first write', async () => {
    const { admin, userId, create, reason } = await begin();
    const { key } = await create();
    await cutOffAt(table, 1, () => deleteAccount(admin, userId));
    expect(await reason(key)).toBe('api_key.valid');
  });

  it('is not deleted when it is to be only as it was read, and an operator came between', async () => {
    const { admin, userId, clock, create, reason } = await begin();
    const { key } = await create();
    const asRead = await getAccount(admin, userId);
    clock.advance(HOUR);
    await disableAccount(admin, userId);
    await enableAccount(admin, userId);
    expect(await deleteAccount(admin, userId, asRead)).toMatchObject({ changed: false, account: { active: true } });
    expect(await reason(key)).toBe('api_key.valid');
    expect(await deleteAccount(admin, userId, await getAccount(admin, userId))).toMatchObject({ changed: true });
    expect(await reason(key)).toBe('api_key.deleted');
  });
});

describe('a restored user', () => {
  it('has an empty account: no names, no roles, no keys, and tokens are accepted again', async () => {
    const { admin, userId, clock, create, reason, token } = await begin();
    const { key } = await create();
    await deleteAccount(admin, userId);
    clock.advance(HOUR);
    const at = clock.seconds();
    const account = { userId, active: true, deleted: false, keyCount: 0, createdAt: at, updatedAt: at };
    expect(await restoreAccount(admin, userId)).toStrictEqual({ account, changed: true });
    expect(await getAccount(admin, userId)).toStrictEqual(account);
    expect(await reason(key)).toBe('api_key.deleted');
    expect(await reason(await token())).toBe('token.valid');
    expect(await reason((await create()).key)).toBe('api_key.valid');
  });

  it('has no key that was being made while the account was deleted', async () => {
    const { admin, userId, create, reason } = await begin();
    const { key, keyId } = await create();
    await deleteAccount(admin, userId);
    await writeKey(table, keyId, {}, { active: true, deleted: false, purgeAt: undefined });
    expect(await reason(key)).toBe('api_key.account_deleted');
    await restoreAccount(admin, userId);
    expect(await reason(key)).toBe('api_key.deleted');
  });

  it('who is not deleted is left alone', async () => {
    const { admin, userId, clock } = await begin();
    await disableAccount(admin, userId);
    const before = await storedOf(userId);
    clock.advance(HOUR);
    expect(await restoreAccount(admin, userId)).toMatchObject({ changed: false, account: { active: false } });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it('must have been there', async () => {
    const { admin } = await begin();
    await expect(restoreAccount(admin, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

describe('a change of an account', () => {
  it.each<Changes<AccountRecord>>([{ active: false }, { disabledBy: 'sync' }, { updatedAt: 1 }])(
    'is decided anew when it is %j since it was read',
    async (other) => {
      const { admin, userId } = await begin();
      const seen: AccountRecord[] = [];
      const change = () =>
        changeAccount(admin, userId, (account) => {
          seen.push(account);
          return { firstName: 'changed' };
        });
      await beforeNextUpdate(table, () => writeAccount(table, userId, {}, other), change);
      expect(seen).toHaveLength(2);
      expect(seen[0]).not.toMatchObject(other);
      expect(seen[1]).toMatchObject(other);
    },
  );

  it('is refused when the user has been deleted since it was read', async () => {
    const { admin, userId } = await begin();
    const change = () => updateAccount(admin, userId, { firstName: 'changed' });
    await expect(beforeNextUpdate(table, () => deleteMark(userId), change)).rejects.toMatchObject({
      code: 'user_deleted',
    });
  });

  /** What a deletion writes first, and nothing but `deleted` of it. */
  const deleteMark = (userId: string) => writeAccount(table, userId, {}, { deleted: true });
});

describe('an update of a user', () => {
  it('changes what is given, takes away what is null or empty, and leaves the rest', async () => {
    const { admin, userId, clock } = await begin();
    await updateAccount(admin, userId, { firstName: 'Ada', lastName: 'Lovelace' });
    clock.advance(HOUR);
    const update = { email: null, firstName: 'Augusta', lastName: '', roles: ['a,b', 'c d'] };
    expect(await updateAccount(admin, userId, update)).toMatchObject({ changed: true });
    const account = await getAccount(admin, userId);
    expect(account).toMatchObject({ firstName: 'Augusta', roles: ['a,b', 'c d'], updatedAt: clock.seconds() });
    for (const name of ['email', 'lastName']) expect(account).not.toHaveProperty(name);
    await updateAccount(admin, userId, { roles: [] });
    expect(await getAccount(admin, userId)).not.toHaveProperty('roles');
  });

  it('to what is so already changes nothing', async () => {
    const { admin, userId, clock } = await begin();
    const before = await storedOf(userId);
    clock.advance(HOUR);
    const same = { email: 'ada@example.com', roles: ['editor'], lastName: null };
    expect(await updateAccount(admin, userId, same)).toMatchObject({ changed: false });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it.each([{ roles: ['a\u0000'] }, { firstName: ' Ada' }, { email: 'x'.repeat(257) }])(
    'to %j is refused, and changes nothing',
    async (update) => {
      const { admin, userId } = await begin();
      const before = await storedOf(userId);
      const refused = { code: 'invalid_input' };
      await expect(updateAccount(admin, userId, update)).rejects.toMatchObject(refused);
      expect(await storedOf(userId)).toStrictEqual(before);
    },
  );

  it('of a deleted one is refused', async () => {
    const { admin, userId } = await begin();
    await deleteAccount(admin, userId);
    await expect(updateAccount(admin, userId, { email: null })).rejects.toMatchObject({ code: 'user_deleted' });
  });
});

describe('a repeated command changes nothing', () => {
  type Command = (admin: Admin, userId: string) => Promise<AccountChange>;

  it.each<[string, Command[], Command]>([
    ['disable', [disableAccount], disableAccount],
    ['enable', [], enableAccount],
    ['enable after a disable', [disableAccount, enableAccount], enableAccount],
    ['delete', [deleteAccount], deleteAccount],
  ])('%s', async (_, commands, again) => {
    const { admin, userId, clock, create } = await begin();
    await create();
    for (const command of commands) expect(await command(admin, userId)).toMatchObject({ changed: true });
    const before = await storedOf(userId);
    clock.advance(HOUR);
    expect(await again(admin, userId)).toMatchObject({ changed: false });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it.each<[string, Command]>([
    ['disable', disableAccount],
    ['enable', enableAccount],
    ['delete', deleteAccount],
  ])('%s, for a user who is not there', async (_, command) => {
    const { clock } = start();
    await expect(command(openAdmin({ table, now: clock.now }), 'nobody')).rejects.toMatchObject({
      code: 'user_not_found',
    });
    expect(await storedOf('nobody')).toStrictEqual([]);
  });
});
