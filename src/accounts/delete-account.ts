import { isDeepStrictEqual } from 'node:util';
import { toSeconds } from '../seconds.ts';
import { type AccountRecord, buryAccount, reviveAccount, writeAccount } from '../table/accounts.ts';
import { keysOf } from '../table/keys.ts';
import { deleteUsage } from '../table/usage.ts';
import { retrying } from '../table/write.ts';
import { type AccountChange, asRead } from './account-state.ts';
import { getAccount } from './accounts.ts';
import type { TableAndClock } from './admin.ts';
import { assertNotDeleted } from './deleted.ts';
import { deleteWithAccount } from './key-state.ts';

/**
 * Refuses all of a user's keys for good, and forgets the user: of the account a tombstone stays for ever, which keeps an
 * import, the sync or a token from bringing the user back. The keys' own items go as those of deleted keys do, and what
 * is known of their use at once.
 *
 * Safe to repeat: what an interrupted run left is done then.
 *
 * @param ifStill deletes only an account that is still as it was read here.
 * @throws AdminError `user_not_found`, `user_moved`
 */
export async function deleteAccount(
  admin: TableAndClock,
  userId: string,
  ifStill?: AccountRecord,
): Promise<AccountChange> {
  const at = toSeconds(admin.now());
  const { account, changed } = await markDeleted(admin, userId, at, ifStill);
  if (account.deleted !== true) return { account, changed: false };
  // The mark refuses all keys at once; the account still tells where they lie, should this be cut off.
  await deleteKeys(admin, account);
  const { deletedAt = at } = account;
  await buryAccount(admin.table, userId, { deleted: true, deletedAt: account.deletedAt }, { deletedAt });
  return { account: { userId, active: false, deleted: true, deletedAt }, changed };
}

function markDeleted(
  admin: TableAndClock,
  userId: string,
  at: number,
  ifStill: AccountRecord | undefined,
): Promise<AccountChange> {
  return retrying(async () => {
    const account = await getAccount(admin, userId);
    if (account.movedTo !== undefined) assertNotDeleted(account);
    const isOther = ifStill !== undefined && !isDeepStrictEqual(asRead(account), asRead(ifStill));
    if (account.deleted === true || isOther) return { account, changed: false };
    const changes = { active: false, deleted: true, deletedAt: at, updatedAt: at };
    const done = await writeAccount(admin.table, userId, asRead(account), changes);
    return done ? { account: { ...account, ...changes }, changed: true } : undefined;
  });
}

async function deleteKeys(admin: TableAndClock, account: AccountRecord): Promise<void> {
  for await (const key of keysOf(admin.table, account)) {
    await deleteWithAccount(admin, key);
    if (admin.usage !== undefined) await deleteUsage(admin.usage, key.keyId);
  }
}

/**
 * Brings a deleted user back, with an empty account: neither what was known of them nor their keys, and what another
 * system made stays refused. The one way to do so.
 *
 * @throws AdminError `user_not_found`, `user_moved`
 */
export async function restoreAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  const at = toSeconds(admin.now());
  return retrying(async () => {
    const account = await getAccount(admin, userId);
    if (account.movedTo !== undefined) assertNotDeleted(account);
    if (account.deleted !== true) return { account, changed: false };
    // Once more: a key that was being made while the account was deleted must not come back with it.
    await deleteAccount(admin, userId);
    const restored = { userId, active: true, deleted: false, keyCount: 0, createdAt: at, updatedAt: at };
    const done = await reviveAccount(admin.table, restored, account);
    return done ? { account: restored, changed: true } : undefined;
  });
}
