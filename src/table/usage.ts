import { BatchGetCommand, DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { epochSeconds, type PrimaryKey, parseItem } from './items.ts';
import { type Item, itemsOf, readItem } from './read.ts';
import type { Table } from './table.ts';
import { pauseBefore } from './unprocessed.ts';
import { putIfAbsent, putNew, replaceItem, retrying } from './write.ts';

/**
 * What stays of a key's usage when its hours are gone. Times are the starts of minutes, in epoch seconds.
 *
 * The usage table tells who used which key when and from where, and is written by the recorder alone. It is a table of
 * its own, so that what is fed by a log can't write a credential.
 */
const lastSchema = v.object({
  /** Another with each write, by which writers tell that there was one. */
  version: v.optional(v.string()),
  firstUsedAt: v.optional(epochSeconds),
  usedAt: v.optional(epochSeconds),
  usedFrom: v.optional(v.string()),
  refusedAt: v.optional(epochSeconds),
  refusedFrom: v.optional(v.string()),
  refusedFor: v.optional(v.string()),
  /** The address blocks that it was used from most lately, each with its last day. */
  blocks: v.optional(v.record(v.string(), v.string())),
  /** In which minutes of the latest such hour it was refused though its secret was real. */
  realRefusals: v.optional(v.object({ hour: v.string(), minutes: v.array(v.number()) })),
  /** By kind of unusual activity, the last day on which it was told. */
  told: v.optional(v.record(v.string(), v.string())),
  /** Of those what may not have been told yet: a recorder began to at `since`. */
  untold: v.optional(v.array(v.object({ kind: v.string(), day: v.string(), text: v.string(), since: epochSeconds }))),
});

export type Last = v.InferOutput<typeof lastSchema>;

/** How long an hour stays, and what is left of a key that was only refused. */
export const KEEP_SECONDS = 90 * 86_400;

const LAST = 'last';
/** How the sort key of an hour starts. */
export const HOUR = 'hour#';

async function readLast(usage: Table, keyId: string): Promise<Last | undefined> {
  const key = usageAt(keyId, LAST);
  const item = await readItem(usage, key);
  return item && parseItem(lastSchema, item, key);
}

/**
 * Changes a key's `last`, again if another recorder came between.
 *
 * It stays for good, but for that of a key without a use: refusals alone may come after a user was deleted with what was
 * known.
 *
 * @param known as it was last read, if it was: saves reading it.
 * @param change gives nothing when all is as it should be.
 */
export async function changeLast(
  usage: Table,
  keyId: string,
  known: Last | undefined,
  change: (before: Last | undefined) => Last | undefined,
): Promise<{ readonly last: Last | undefined; readonly isWritten: boolean }> {
  let expected = known;
  return retrying(async () => {
    const before = expected ?? (await readLast(usage, keyId));
    const last = change(before);
    if (last === undefined) return { last: before, isWritten: false };
    if (await putLast(usage, keyId, last, before)) return { last, isWritten: true };
    expected = undefined;
    return undefined;
  });
}

/** @returns `false`: it is another by now, so read it again. */
function putLast(usage: Table, keyId: string, last: Last, over: Last | undefined): Promise<boolean> {
  const key = usageAt(keyId, LAST);
  const { usedAt, refusedAt } = last;
  const purgeAt = usedAt === undefined && refusedAt !== undefined ? refusedAt + KEEP_SECONDS : undefined;
  const item = { ...last, purgeAt };
  return over === undefined ? putNew(usage, key, item) : replaceItem(usage, key, { version: over.version }, item);
}

/** DynamoDB's limit for one `BatchGetItem`. */
const BATCH = 100;

/** DynamoDB gives a part of a batch back unprocessed when it is short of capacity. */
const BATCH_ATTEMPTS = 6;

/**
 * The `last` of those keys that have one. Not strongly consistent, and so half the price.
 *
 * @throws Fault `fault.table` when the table leaves keys out again and again, `fault.item` when an item isn't readable.
 */
export async function readLasts(usage: Table, keyIds: readonly string[]): Promise<ReadonlyMap<string, Last>> {
  const found = new Map<string, Last>();
  const distinct = [...new Set(keyIds)];
  for (let start = 0; start < distinct.length; start += BATCH) {
    const keys = distinct.slice(start, start + BATCH).map((keyId) => usageAt(keyId, LAST));
    for (const item of await batchGet(usage, keys)) {
      found.set(String(item['pk']).slice(usagePartition('').length), parseItem(lastSchema, item, { sk: LAST }));
    }
  }
  return found;
}

async function batchGet({ client, name }: Table, keys: readonly PrimaryKey[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  let Keys: Item[] = keys.map((key) => ({ ...key }));
  for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
    if (attempt > 0) await pauseBefore(attempt);
    const output = await client.send(new BatchGetCommand({ RequestItems: { [name]: { Keys } } }));
    items.push(...(output.Responses?.[name] ?? []));
    Keys = output.UnprocessedKeys?.[name]?.Keys ?? [];
    if (Keys.length === 0) return items;
  }
  throw new Fault('fault.table', `The table ${name} left keys unprocessed ${BATCH_ATTEMPTS} times.`);
}

/** Takes away all that is known of a key's usage. */
export async function deleteUsage(usage: Table, keyId: string): Promise<void> {
  const items = itemsOf((start) =>
    usage.client.send(
      new QueryCommand({
        TableName: usage.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': usagePartition(keyId) },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const { pk, sk } of items) {
    await usage.client.send(new DeleteCommand({ TableName: usage.name, Key: { pk, sk } }));
  }
}

const SINCE: PrimaryKey = { pk: 'recorder', sk: 'since' };
const sinceSchema = v.object({ at: epochSeconds });

/** Tells when recording began, unless it is told already. */
export async function beginRecording(usage: Table, at: number): Promise<void> {
  await putIfAbsent(usage, SINCE, { at });
}

/** Since when usage has been recorded, in epoch seconds; nothing: it has never been. */
export async function recordedSince(usage: Table): Promise<number | undefined> {
  const item = await readItem(usage, SINCE);
  return item && parseItem(sinceSchema, item, SINCE).at;
}

export function usagePartition(keyId: string): string {
  return `key#${keyId}`;
}

export function usageAt(keyId: string, sk: string): PrimaryKey {
  return { pk: usagePartition(keyId), sk };
}
