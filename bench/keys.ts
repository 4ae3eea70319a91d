import { randomBytes, randomUUID } from 'node:crypto';
import { BatchWriteCommand, type BatchWriteCommandInput, type BatchWriteCommandOutput } from '@aws-sdk/lib-dynamodb';
import { createApiKey, createKeyId, importedKeyId } from '../src/key-format/format.ts';
import { hashApiKey } from '../src/key-format/hash.ts';
import { forEachOf } from '../src/pool.ts';
import { type ApiKeyItem, accountAt, apiKeyAt, importedAt } from '../src/table/items.ts';
import type { Table } from '../src/table/table.ts';

/** How the keys of another system start here. */
export const IMPORTED_PREFIX = 'ch_';

const KEYS_AN_ACCOUNT = 10;
/** The most that DynamoDB takes at once. */
const BATCH = 25;
/** DynamoDB Local works its way through so many at once in half the time that it needs for a few. */
const BATCHES_AT_ONCE = 32;

interface Written {
  readonly items: readonly Record<string, unknown>[];
  /** The first of the keys. */
  readonly key: string;
}

/** An account and its keys, as the table has them. */
export function accountWithKeys(count: number, change: Partial<ApiKeyItem> = {}): Written {
  const userId = randomUUID();
  const keys = Array.from({ length: count }, () => {
    const keyId = createKeyId(userId, randomBytes);
    return { keyId, key: anotherSecretOf(keyId) };
  });
  const items = keys.map(({ keyId, key }) => ({ ...keyItem(userId, keyId, key), ...change }));
  return { items: [accountItem(userId, count), ...items], key: keys[0]?.key ?? '' };
}

/** An account with a key that another system made. */
export function accountWithImportedKey(): Written {
  const userId = randomUUID();
  const key = IMPORTED_PREFIX + randomBytes(24).toString('base64url');
  const keyId = importedKeyId(userId, hashApiKey(key));
  const pointer = { ...importedAt(hashApiKey(key)), keyId };
  return { items: [accountItem(userId, 1), keyItem(userId, keyId, key), pointer], key };
}

/** A key of this id with a secret that nobody has. */
export function anotherSecretOf(keyId: string): string {
  return createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes);
}

/**
 * Fills a table with keys, ten an account: straight, since by the commands a million would take hours.
 *
 * @returns a hundred of the keys at most, from all over the table.
 */
export async function fillTable(table: Table, keys: number): Promise<readonly string[]> {
  const accounts = Math.ceil(keys / KEYS_AN_ACCOUNT);
  const every = Math.ceil(accounts / 100);
  const kept: string[] = [];
  function* items() {
    for (let account = 0; account < accounts; account++) {
      const written = accountWithKeys(Math.min(KEYS_AN_ACCOUNT, keys - account * KEYS_AN_ACCOUNT));
      if (account % every === 0) kept.push(written.key);
      yield* written.items;
    }
  }
  await writeItems(table, items());
  return kept;
}

export async function writeItems({ client, name }: Table, items: Iterable<Record<string, unknown>>): Promise<void> {
  await forEachOf(batchesOf(items), BATCHES_AT_ONCE, async (batch) => {
    let pending: BatchWriteCommandInput['RequestItems'] = {
      [name]: batch.map((Item) => ({ PutRequest: { Item } })),
    };
    while (pending?.[name] !== undefined) {
      const output: BatchWriteCommandOutput = await client.send(new BatchWriteCommand({ RequestItems: pending }));
      pending = output.UnprocessedItems;
    }
  });
}

function* batchesOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const createdAt = Math.floor(Date.now() / 1000);

function accountItem(userId: string, keyCount: number) {
  return { ...accountAt(userId), userId, email: `${userId}@example.com`, active: true, keyCount, createdAt };
}

function keyItem(userId: string, keyId: string, key: string) {
  const state = { name: keyId, environment: 'live', active: true, createdAt };
  return { ...apiKeyAt(keyId), userId, hash: hashApiKey(key), ...state };
}
