import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { accountLocator, LOCATOR_WIDTH } from '../key-format/format.ts';
import type { AccountRecord } from './accounts.ts';
import { apiKeyAt, apiKeySchema, epochSeconds, KEY, parseItem, partitionOf } from './items.ts';
import { type Item, itemsOf, readItem } from './read.ts';
import type { Table } from './table.ts';
import { type Changes, changeItem, type Expected, putIfAbsent, putNew } from './write.ts';

/** The owner, by self-service, or an operator, by a command or a program of theirs. */
const actor = v.picklist(['user', 'operator']);

/** A key as its keepers see it: what decisions need, and what tells how it came to be so. */
const attributesSchema = v.object({
  ...apiKeySchema.entries,
  deletedAt: v.optional(epochSeconds),
  /** Who made the key and who last changed it. */
  createdBy: v.optional(actor),
  changedBy: v.optional(actor),
  /** Who disabled the key: users enable only what they disabled themselves. */
  disabledBy: v.optional(v.picklist(['user', 'operator', 'sync', 'leak'])),
  /** When a secret of the key was last found in public, and where. */
  leakedAt: v.optional(epochSeconds),
  leakedWhere: v.optional(v.string()),
  /** SHA-256 of the key as another system made it: where its pointer lies. */
  importedHash: v.optional(v.string()),
});

type Attributes = v.InferOutput<typeof attributesSchema>;

export type ApiKeyRecord = Attributes & { readonly keyId: string };

export async function readKey(table: Table, keyId: string): Promise<ApiKeyRecord | undefined> {
  const item = await readItem(table, apiKeyAt(keyId));
  return item && toRecord(item);
}

/** Writes a new key, whose id is random. @returns `false`: there is another of this id. */
export function putKey(table: Table, keyId: string, key: Attributes): Promise<boolean> {
  return putNew(table, apiKeyAt(keyId), key);
}

/** Writes a key whose id may be there already. @returns whether it was written. */
export function putKeyIfAbsent(table: Table, keyId: string, key: Attributes): Promise<boolean> {
  return putIfAbsent(table, apiKeyAt(keyId), key);
}

/** Changes a key that is still as it was read. @returns `false`: it is another by now, so read it again. */
export function writeKey(
  table: Table,
  keyId: string,
  expected: Expected<Attributes>,
  changes: Changes<Attributes>,
): Promise<boolean> {
  return changeItem(table, apiKeyAt(keyId), expected, changes);
}

/** The keys of an account's user, in no order: those of accounts that were moved into it lie where these were. */
export async function* keysOf(
  table: Table,
  { userId, movedFrom = [] }: Pick<AccountRecord, 'userId' | 'movedFrom'>,
): AsyncGenerator<ApiKeyRecord> {
  for (const locator of [accountLocator(userId), ...movedFrom]) yield* queryKeys(table, locator, '');
}

/**
 * The keys whose id holds a text. With the whole locator, one account's keys are asked; else, or in vain, the whole
 * table is read.
 */
export async function findKeysByPart(table: Table, part: string): Promise<readonly ApiKeyRecord[]> {
  if (part.length >= LOCATOR_WIDTH) {
    const found = await collect(queryKeys(table, part.slice(0, LOCATOR_WIDTH), part));
    if (found.length > 0) return found;
  }
  return collect(scanKeys(table, { filter: 'contains(sk, :part)', values: { ':part': part } }));
}

/** The keys that another system made with this hash; reads the whole table. */
export function findKeysByImportedHash(table: Table, hash: string): Promise<readonly ApiKeyRecord[]> {
  return collect(scanKeys(table, { filter: 'importedHash = :hash', values: { ':hash': hash } }));
}

/** The keys that end within a time, both ends in epoch seconds, but deleted ones; reads the whole table. */
export function findKeysExpiring(table: Table, from: number, to: number): Promise<readonly ApiKeyRecord[]> {
  const filter = 'expiresAt BETWEEN :from AND :to AND NOT deleted = :true';
  return collect(scanKeys(table, { filter, values: { ':from': from, ':to': to, ':true': true } }));
}

async function* queryKeys(table: Table, locator: string, idStart: string): AsyncGenerator<ApiKeyRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': partitionOf(locator), ':sk': KEY + idStart },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield toRecord(item);
}

async function* scanKeys(
  table: Table,
  { filter, values }: { readonly filter: string; readonly values: Item },
): AsyncGenerator<ApiKeyRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: `begins_with(sk, :key) AND ${filter}`,
        ExpressionAttributeValues: { ':key': KEY, ...values },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield toRecord(item);
}

async function collect(keys: AsyncGenerator<ApiKeyRecord>): Promise<readonly ApiKeyRecord[]> {
  const found: ApiKeyRecord[] = [];
  for await (const key of keys) found.push(key);
  return found;
}

function toRecord(item: Item): ApiKeyRecord {
  const sk = String(item['sk']);
  return { ...parseItem(attributesSchema, item, { sk }), keyId: sk.slice(KEY.length) };
}
