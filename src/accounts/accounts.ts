import type { Clock } from '../decision.ts';
import { toSeconds } from '../seconds.ts';
import { type AccountRecord, putAccount, readAccount } from '../table/accounts.ts';
import type { Table } from '../table/table.ts';
import { AdminError } from './admin-error.ts';
import { optionalTextOf, textOf } from './input.ts';

export interface NewAccount {
  /** Keycloak's `sub` for the user: a key and a token of theirs are then the same user. */
  readonly userId: string;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** Realm roles, which the user's keys inherit. */
  readonly roles?: readonly string[] | undefined;
}

/**
 * Creates a user's account, active and without keys.
 *
 * @throws AdminError `user_exists` if there is one, in whatever state: nothing is changed then.
 */
export async function createAccount(table: Table, account: NewAccount, now: Clock): Promise<AccountRecord> {
  const at = toSeconds(now());
  const item: AccountRecord = {
    userId: textOf('user id', account.userId),
    email: optionalTextOf('email', account.email),
    firstName: optionalTextOf('first name', account.firstName),
    lastName: optionalTextOf('last name', account.lastName),
    roles: account.roles?.map((role) => textOf('role', role)),
    active: true,
    deleted: false,
    keyCount: 0,
    createdAt: at,
    updatedAt: at,
  };
  if (await putAccount(table, item)) return item;
  throw new AdminError('user_exists', `User ${item.userId} exists already: see it with "gatepass users show".`);
}

/** @throws AdminError `user_not_found` */
export async function getAccount(table: Table, userId: string): Promise<AccountRecord> {
  const account = await readAccount(table, userId);
  if (account !== undefined) return account;
  throw new AdminError('user_not_found', `There is no user ${userId}: create one with "gatepass users create".`);
}
