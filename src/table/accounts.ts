import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { ACCOUNT, accountAt, accountAtLocator, accountSchema, epochSeconds, parseItem, userId } from './items.ts';
import { itemsOf, readItem } from './read.ts';
import type { Table } from './table.ts';
import { type Changes, changeItem, type Expected, putIfAbsent, putNew, replaceItem } from './write.ts';

/** An account as its keepers see it: what decisions need, and what tells how it came to be so. */
export const accountRecordSchema = v.object({
  ...accountSchema.entries,
  userId,
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
  /** Since when the realm knows no such user. */
  goneSince: v.optional(epochSeconds),
  deletedAt: v.optional(epochSeconds),
});

export type AccountRecord = v.InferOutput<typeof accountRecordSchema>;

/** All that is left of a deleted account, for ever. Who it was stands nowhere: its primary key is a hash. */
const tombstoneSchema = v.object({
  deleted: v.literal(true),
  deletedAt: v.optional(epochSeconds),
  movedTo: accountSchema.entries.movedTo,
});

/** Reads an account; of one that has been deleted it tells just that, when, and whom it was moved to. */
export async function readAccount(table: Table, userId: string): Promise<AccountRecord | undefined> {
  const key = accountAt(userId);
  const item = await readItem(table, key);
  if (item === undefined) return undefined;
  const isTombstone = item['userId'] === undefined && item['deleted'] === true;
  return isTombstone ? { userId, ...parseItem(tombstoneSchema, item, key) } : parseItem(accountRecordSchema, item, key);
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

interface Burial {
  readonly deletedAt: number;
  readonly movedTo?: string | undefined;
}

/** Leaves nothing of an account but a tombstone, which never goes. @returns `false`: it is another by now. */
export function buryAccount(
  table: Table,
  userId: string,
  expected: Expected<AccountRecord>,
  burial: Burial,
): Promise<boolean> {
  return replaceItem(table, accountAt(userId), expected, { deleted: true, ...burial });
}

/** Leaves a tombstone where there is nothing at all. @returns `false`: there is an account, or a tombstone. */
export function buryUnknownAccount(table: Table, userId: string, burial: Burial): Promise<boolean> {
  return putIfAbsent(table, accountAt(userId), { deleted: true, ...burial });
}

/** Puts an account over a tombstone. @returns `false`: it is another by now. */
export function reviveAccount(table: Table, account: AccountRecord, tombstone: AccountRecord): Promise<boolean> {
  const { deletedAt, movedTo } = tombstone;
  return replaceItem(table, accountAt(account.userId), { userId: undefined, deletedAt, movedTo }, account);
}

/** Leads the keys beside a tombstone to another account. Done already is as good. */
export async function leadElsewhere(
  table: Table,
  locator: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const isDone = await changeItem(table, accountAtLocator(locator), { movedTo: from }, { movedTo: to });
  if (!isDone) throw new Error(`The account at ${locator} does not lead to ${from}: another command is moving it.`);
}

/**
 * All accounts but those of which a tombstone alone is left, in no order, as the table's pages come.
 *
 * Reads the whole table, keys and all, since there is no index.
 */
export async function* scanAccounts(table: Table): AsyncGenerator<AccountRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: 'sk = :account AND attribute_exists(userId)',
        ExpressionAttributeValues: { ':account': ACCOUNT },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield parseItem(accountRecordSchema, item, { sk: ACCOUNT });
}
