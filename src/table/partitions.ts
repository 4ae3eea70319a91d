import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { type AccountRecord, accountRecordSchema } from './accounts.ts';
import { ACCOUNT, KEY, type PrimaryKey, partitionOf } from './items.ts';
import type { Item } from './read.ts';
import type { Table } from './table.ts';

/** A part of all accounts' partitions. */
export interface PartitionsPage {
  /** Those that aren't deleted. */
  readonly accounts: readonly AccountRecord[];
  /** The partition keys of all of them, deleted ones too. */
  readonly partitions: readonly string[];
  /** The partition keys of accounts that can't be read. */
  readonly unreadable: readonly string[];
  /** How many active accounts have a live key: one that is active and hasn't expired. */
  readonly withKeys: number;
  /** What to begin the next part with; absent in the last one. */
  readonly next: PrimaryKey | undefined;
}

/** Items read in one request: few enough for a caller to stop between two of them. */
const LIMIT = 500;

/**
 * All accounts with the number of those that have live keys, part by part, in the table's own order.
 *
 * DynamoDB keeps the items of a partition together, in the order of their sort key. A part ends with a whole partition,
 * unless a single one is larger than what is read at a time.
 *
 * @param after where to go on; nothing: from the start.
 * @param at epoch seconds
 */
export async function* scanPartitions(
  table: Table,
  after: PrimaryKey | undefined,
  at: number,
): AsyncGenerator<PartitionsPage> {
  let start = after;
  do {
    const output = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: 'sk = :account OR (begins_with(pk, :partition) AND begins_with(sk, :key) AND active = :true)',
        ExpressionAttributeValues: { ':account': ACCOUNT, ':partition': partitionOf(''), ':key': KEY, ':true': true },
        ConsistentRead: true,
        Limit: LIMIT,
        ExclusiveStartKey: start && { ...start },
      }),
    );
    const { items, next } = untilWhole(output.Items ?? [], output.LastEvaluatedKey);
    yield { ...read(items, at), next };
    start = next;
  } while (start !== undefined);
}

/** Leaves out the last partition if it may go on after this page: the next one begins with it. */
function untilWhole(
  items: readonly Item[],
  last: Item | undefined,
): { readonly items: readonly Item[]; readonly next: PrimaryKey | undefined } {
  if (last === undefined) return { items, next: undefined };
  const whole = items.filter((item) => item['pk'] !== last['pk']);
  const end = whole.at(-1);
  if (end === undefined || whole.length === items.length) return { items, next: keyOf(last) };
  return { items: whole, next: keyOf(end) };
}

function keyOf(item: Item): PrimaryKey {
  return { pk: String(item['pk']), sk: String(item['sk']) };
}

function read(items: readonly Item[], at: number): Omit<PartitionsPage, 'next'> {
  const accounts: AccountRecord[] = [];
  const partitions: string[] = [];
  const unreadable: string[] = [];
  const owners = new Set<string>();
  let isCounted = false;
  for (const item of items) {
    const pk = String(item['pk']);
    if (item['sk'] === ACCOUNT) {
      partitions.push(pk);
      // The keys of one who was moved lie here still, and count as that one's.
      isCounted = item['active'] === true || item['movedTo'] !== undefined;
      if (item['deleted'] === true) continue;
      const account = v.safeParse(accountRecordSchema, item);
      if (account.success) accounts.push(account.output);
      else unreadable.push(pk);
    } else if (isCounted && partitions.at(-1) === pk && isLive(item, at)) {
      owners.add(`${pk} ${String(item['userId'])}`);
    }
  }
  return { accounts, partitions, unreadable, withKeys: owners.size };
}

function isLive({ deleted, expiresAt }: Item, at: number): boolean {
  return deleted !== true && (expiresAt === undefined || (typeof expiresAt === 'number' && expiresAt > at));
}
