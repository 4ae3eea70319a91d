import * as v from 'valibot';
import type { Clock } from '../decision.ts';
import { putNew, readItem } from '../table/change.ts';
import { type Account, accountKey } from '../table/items.ts';
import { type AccountRecord, accountRecordSchema } from '../table/records.ts';
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
export async function createAccount(table: Table, account: NewAccount, now: Clock): Promise<Account> {
  const at = Math.floor(now() / 1000);
  const item: Account = {
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
  if (await putNew(table, accountKey(item.userId), item)) return item;
  throw new AdminError('user_exists', `User ${item.userId} exists already: see it with "gatepass users show".`);
}

/** @throws AdminError `user_not_found` */
export async function getAccount(table: Table, userId: string): Promise<AccountRecord> {
  const item = await readItem(table, accountKey(userId));
  if (item === undefined) {
    throw new AdminError('user_not_found', `There is no user ${userId}: create one with "gatepass users create".`);
  }
  return v.parse(accountRecordSchema, item);
}
