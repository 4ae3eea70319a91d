import type { Profile } from '../profile.ts';
import { toSeconds } from '../seconds.ts';
import { type AccountRecord, putAccount, readAccount, scanAccounts } from '../table/accounts.ts';
import type { Admin, TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { assertNotDeleted } from './deleted.ts';
import { profileOf, userIdOf } from './input.ts';

/** The user's keys inherit all of it, the roles too. */
export interface NewAccount extends Profile {
  /** Keycloak's `sub` for the user: a key and a token of theirs are then the same user. */
  readonly userId: string;
}

/**
 * Creates a user's account, active and without keys.
 *
 * @throws AdminError `user_exists`, `user_deleted`, `user_moved`
 */
export async function createAccount(admin: TableAndClock, account: NewAccount): Promise<AccountRecord> {
  const at = toSeconds(admin.now());
  const item: AccountRecord = {
    userId: userIdOf('user id', account.userId),
    ...profileOf(account),
    active: true,
    deleted: false,
    keyCount: 0,
    createdAt: at,
    updatedAt: at,
  };
  if (await putAccount(admin.table, item)) return item;
  assertNotDeleted(await getAccount(admin, item.userId));
  throw new AdminError('user_exists', `User ${item.userId} exists already: see it with "gatepass users show".`);
}

/**
 * Of a deleted user it tells just that, when, and whom the user was moved to.
 *
 * @throws AdminError `user_not_found`
 */
export async function getAccount({ table }: Pick<Admin, 'table'>, userId: string): Promise<AccountRecord> {
  const account = await readAccount(table, userId);
  if (account !== undefined) return account;
  throw new AdminError('user_not_found', `There is no user ${userId}: create one with "gatepass users create".`);
}

/**
 * All accounts but deleted ones, in no order, as the table's pages come.
 *
 * Reads the whole table, keys and all, since there is no index: its cost grows with the table. Not for a request path.
 */
export function listAccounts({ table }: Pick<Admin, 'table'>): AsyncGenerator<AccountRecord> {
  return scanAccounts(table);
}
