import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { ACCOUNT, accountAt, accountSchema, epochSeconds, parseItem } from './items.ts';
import { itemsOf, readItem } from './read.ts';
import type { Table } from './table.ts';
import { type Changes, changeItem, type Expected, putIfAbsent, putNew } from './write.ts';

/** An account as its keepers see it: what decisions need, and what tells how it came to be so. */
const accountRecordSchema = v.object({
  ...accountSchema.entries,
  /** Who disabled the account: only what the sync disabled does the sync enable again. */
  disabledBy: v.optional(v.picklist(['operator', 'sync'])),
  /** When `keyCount` was last changed. */
  keyCountAt: v.optional(epochSeconds),
  /** The names that keys in the making take, each with its key and when it was taken. */
  keyNames: v.optional(v.array(v.object({ name: v.string(), keyId: v.string(), at: epochSeconds }))),
  /** How often the user has changed their keys on a day (UTC), so that a stolen session can't do it without end. */
  ownChanges: v.optional(v.object({ day: v.string(), made: v.number(), changed: v.number() })),
  /** Grows with each change of the two above, by which their writers tell that there was another. */
  ownVersion: v.optional(v.number()),
  /** When all keys were disabled at once: a key that was being made then must not survive it. */
  keysDisabledAt: v.optional(epochSeconds),
  deletedAt: v.optional(epochSeconds),
  /** When DynamoDB may remove the item (the table's TTL attribute). */
  purgeAt: v.optional(epochSeconds),
});

export type AccountRecord = v.InferOutput<typeof accountRecordSchema>;

export async function readAccount(table: Table, userId: string): Promise<AccountRecord | undefined> {
  const key = accountAt(userId);
  const item = await readItem(table, key);
  return item && parseItem(accountRecordSchema, item, key);
}

/** Writes a new account. @returns `false`: there is one already, which was left as it is. */
export function putAccount(table: Table, account: AccountRecord): Promise<boolean> {
  return putNew(table, accountAt(account.userId), account);
}

/** The same for an account that others may write in the same second: only this very write counts as made. */
export function putAccountIfAbsent(table: Table, account: AccountRecord): Promise<boolean> {
  return putIfAbsent(table, accountAt(account.userId), account);
}

/** Changes an account that is still as it was read. @returns `false`: it is another by now, so read it again. */
export function writeAccount(
  table: Table,
  userId: string,
  expected: Expected<AccountRecord>,
  changes: Changes<AccountRecord>,
): Promise<boolean> {
  return changeItem(table, accountAt(userId), expected, changes);
}

/**
 * All accounts, in no order, as the table's pages come.
 *
 * Reads the whole table, keys and all, since there is no index.
 */
export async function* scanAccounts(table: Table): AsyncGenerator<AccountRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: 'sk = :account',
        ExpressionAttributeValues: { ':account': ACCOUNT },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield parseItem(accountRecordSchema, item, { sk: ACCOUNT });
}
