import type { AccountRecord } from '../table/accounts.ts';
import { correctKeyCount, reservePlace, setFirstKeyCount } from '../table/key-count.ts';
import { keysOf } from '../table/keys.ts';
import type { Table } from '../table/table.ts';
import { getAccount } from './accounts.ts';
import { AdminError } from './admin-error.ts';
import { assertNotDeleted } from './deleted.ts';

/** The most keys that a user may have, deleted ones aside. */
export const MAX_KEYS = 50;

/** A count that changed this recently may be ahead of a key that is being written: it isn't repaired yet. */
const SETTLED_SECONDS = 60;

/**
 * Counts a key in before it is written, so that two at once can't both be the fiftieth.
 *
 * A process that dies between the two leaves the count too high by one, never too low; `keys list` repairs it.
 *
 * @param at epoch seconds
 * @throws AdminError `user_not_found`, `user_not_active`, `user_deleted`, `user_moved`, `too_many_keys`
 */
export async function reserve(
  table: Table,
  place: { readonly userId: string; readonly keyId: string; readonly at: number },
): Promise<void> {
  const { userId, at } = place;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await reservePlace(table, place, MAX_KEYS)) return;
    const account = await getAccount({ table }, userId);
    assertNotDeleted(account);
    if (account.active !== true) {
      throw new AdminError('user_not_active', `User ${userId} is disabled: no key was made.`);
    }
    // An import writes accounts without a count.
    if (account.keyCount !== undefined) break;
    await setFirstKeyCount(table, userId, await countKeys(table, account), at);
  }
  throw new AdminError('too_many_keys', `User ${userId} has ${MAX_KEYS} keys already: delete one first.`);
}

/** Counts the keys anew, if the count is wrong and has been at rest for a minute. */
export function repairKeyCount(table: Table, userId: string, counted: number, at: number): Promise<void> {
  return correctKeyCount(table, userId, { counted, at, settled: at - SETTLED_SECONDS });
}

export async function countKeys(table: Table, account: AccountRecord): Promise<number> {
  let counted = 0;
  for await (const key of keysOf(table, account)) if (key.deleted !== true) counted++;
  return counted;
}
