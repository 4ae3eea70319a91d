import type { BatchWriteCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { accountWithImportedKey, accountWithKeys, fillTable, writeItems } from '../../../bench/keys.ts';
import { hashApiKey } from '../../../src/key-format/hash.ts';
import { accountSchema, apiKeySchema, parseItem, pointerSchema } from '../../../src/table/items.ts';

/** A table that leaves the last item of each of its first batches unprocessed. */
function createWrittenTable(shortBatches = 0) {
  const items: Record<string, unknown>[] = [];
  const batches: number[] = [];
  const send = async ({ input }: { input: BatchWriteCommandInput }) => {
    const [[name = '', requests = []] = []] = Object.entries(input.RequestItems ?? {});
    batches.push(requests.length);
    const isShort = batches.length <= shortBatches;
    const taken = isShort ? requests.slice(0, -1) : requests;
    items.push(...taken.flatMap(({ PutRequest }) => PutRequest?.Item ?? []));
    return { UnprocessedItems: isShort ? { [name]: requests.slice(-1) } : {} };
  };
  // The one method of a client that is called.
  const client = { send } as unknown as DynamoDBDocumentClient;
  return { table: { client, name: 'gatepass' }, items, batches };
}

it('a table is filled with just so many keys, ten an account, and some of them are told from all over it', async () => {
  const { table, items, batches } = createWrittenTable();
  const told = await fillTable(table, 2345);
  const hashes = items.flatMap(({ hash }) => hash ?? []);
  expect(hashes).toHaveLength(2345);
  expect(items).toHaveLength(2345 + 235);
  expect(told.length).toBeGreaterThan(75);
  expect(told.length).toBeLessThanOrEqual(100);
  const places = told.map((key) => hashes.indexOf(hashApiKey(key)));
  expect(Math.min(...places)).toBe(0);
  expect(Math.max(...places)).toBeGreaterThan(2300);
  expect(batches.every((size) => size === 25 || size === 2580 % 25)).toBe(true);
});

it('what a table leaves unprocessed is written again', async () => {
  const { table, items, batches } = createWrittenTable(2);
  const written = accountWithKeys(30);
  await writeItems(table, written.items);
  expect(new Set(items)).toEqual(new Set(written.items));
  expect(batches.reduce((sum, size) => sum + size, 0)).toBe(31 + 2);
});

it('what is written are items as the authorizer reads them', () => {
  const { items, key } = accountWithKeys(1, { expiresAt: 1 });
  const [account, apiKey] = items;
  const at = { sk: '' };
  expect(parseItem(accountSchema, account, at)).toMatchObject({ active: true, keyCount: 1 });
  expect(parseItem(apiKeySchema, apiKey, at)).toMatchObject({ active: true, hash: hashApiKey(key), expiresAt: 1 });
  const imported = accountWithImportedKey();
  expect(parseItem(pointerSchema, imported.items[2], at).keyId).toBe(
    parseItem(apiKeySchema, imported.items[1], at).name,
  );
});
