import { toSeconds } from '../seconds.ts';
import { type AccountRecord, writeAccount } from '../table/accounts.ts';
import { keysOf } from '../table/keys.ts';
import { type Changes, retrying } from '../table/write.ts';
import { getAccount } from './accounts.ts';
import type { TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { deleteKey, KEEP_DELETED_SECONDS } from './key-state.ts';

/** An account after a command, and whether the command changed it: a repeat changes nothing. */
export interface AccountChange {
  readonly account: AccountRecord;
  readonly changed: boolean;
}

/** Refuses all of a user's keys from the next decision on (and their tokens, where the authorizer checks accounts). */
export function disableAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  return changeAccount(admin, userId, (account) => {
    if (account.deleted === true) throw isDeleted(userId);
    // An operator's word stands over the sync's, which would enable the account again.
    const isDone = account.active !== true && account.disabledBy === 'operator';
    return isDone ? undefined : { active: false, disabledBy: 'operator' };
  });
}

/** Accepts a disabled user's keys again: those that are good by themselves. */
export function enableAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  return changeAccount(admin, userId, (account) => {
    if (account.deleted === true) throw isDeleted(userId);
    return account.active === true ? undefined : { active: true, disabledBy: undefined };
  });
}

/**
 * Refuses all of a user's keys for good: the account and each of its keys. The table removes them 30 days later.
 *
 * Safe to repeat: what an interrupted run left is done then.
 */
export async function deleteAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  const change = await changeAccount(admin, userId, (account, at) =>
    account.deleted === true
      ? undefined
      : { active: false, deleted: true, deletedAt: at, purgeAt: at + KEEP_DELETED_SECONDS },
  );
  for await (const { keyId, deleted } of keysOf(admin.table, userId)) {
    if (deleted !== true) await deleteKey(admin, { userId, keyId });
  }
  return change;
}

/**
 * Changes an account as its present state asks for.
 *
 * @param decide gives the changes, or nothing where there is nothing to do.
 * @throws AdminError `user_not_found`, and what `decide` throws.
 */
export function changeAccount(
  admin: TableAndClock,
  userId: string,
  decide: (account: AccountRecord, at: number) => Changes<AccountRecord> | undefined,
): Promise<AccountChange> {
  const at = toSeconds(admin.now());
  return retrying(async () => {
    const account = await getAccount(admin, userId);
    const changes = decide(account, at);
    if (changes === undefined) return { account, changed: false };
    const stamped = { ...changes, updatedAt: at };
    const { active, deleted, disabledBy, updatedAt } = account;
    const done = await writeAccount(admin.table, userId, { active, deleted, disabledBy, updatedAt }, stamped);
    return done ? { account: { ...account, ...stamped }, changed: true } : undefined;
  });
}

function isDeleted(userId: string): AdminError {
  return new AdminError('user_deleted', `User ${userId} is deleted, which can't be undone.`);
}
