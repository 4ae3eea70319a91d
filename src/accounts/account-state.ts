import { toSeconds } from '../seconds.ts';
import { type AccountRecord, writeAccount } from '../table/accounts.ts';
import { type Changes, retrying } from '../table/write.ts';
import { getAccount } from './accounts.ts';
import type { TableAndClock } from './admin.ts';
import { assertNotDeleted } from './deleted.ts';

/** An account after a command, and whether the command changed it: a repeat changes nothing. */
export interface AccountChange {
  readonly account: AccountRecord;
  readonly changed: boolean;
}

/** Refuses all of a user's keys from the next decision on (and their tokens, where the authorizer checks accounts). */
export function disableAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  return changeAccount(admin, userId, (account) => {
    // An operator's word stands over the sync's, which would enable the account again.
    const isDone = account.active !== true && account.disabledBy === 'operator';
    return isDone ? undefined : { active: false, disabledBy: 'operator' };
  });
}

/** Accepts a disabled user's keys again: those that are good by themselves. */
export function enableAccount(admin: TableAndClock, userId: string): Promise<AccountChange> {
  return changeAccount(admin, userId, ({ active }) =>
    active === true ? undefined : { active: true, disabledBy: undefined },
  );
}

/**
 * Changes an account as its present state asks for.
 *
 * @param decide gives the changes, or nothing where there is nothing to do.
 * @throws AdminError `user_not_found`, `user_deleted`, `user_moved`, and what `decide` throws.
 */
export function changeAccount(
  admin: TableAndClock,
  userId: string,
  decide: (account: AccountRecord, at: number) => Changes<AccountRecord> | undefined,
): Promise<AccountChange> {
  const at = toSeconds(admin.now());
  return retrying(async () => {
    const account = await getAccount(admin, userId);
    assertNotDeleted(account);
    const changes = decide(account, at);
    if (changes === undefined) return { account, changed: false };
    const stamped = { ...changes, updatedAt: at };
    const done = await writeAccount(admin.table, userId, asRead(account), stamped);
    return done ? { account: { ...account, ...stamped }, changed: true } : undefined;
  });
}

/** What must not have changed since an account was read, for a change of it to be right. */
export function asRead({
  active,
  deleted,
  disabledBy,
  updatedAt,
}: AccountRecord): Pick<AccountRecord, 'active' | 'deleted' | 'disabledBy' | 'updatedAt'> {
  return { active, deleted, disabledBy, updatedAt };
}
