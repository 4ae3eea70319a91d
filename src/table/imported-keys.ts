import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { importedAt, type Pointer, parseItem, pointerSchema } from './items.ts';
import { readItem } from './read.ts';
import type { Table } from './table.ts';
import { putIfAbsent, unlessConditionFails } from './write.ts';

/** @param hash SHA-256 of the whole key as another system made it, hex. */
export async function readPointer(table: Table, hash: string): Promise<Pointer | undefined> {
  const key = importedAt(hash);
  const item = await readItem(table, key);
  return item && parseItem(pointerSchema, item, key);
}

/** @returns whether it was written; `false`: there is one for this hash, which was left as it is. */
export function putPointerIfAbsent(table: Table, hash: string, keyId: string): Promise<boolean> {
  return putIfAbsent(table, importedAt(hash), { keyId });
}

/**
 * Refuses the key of this hash for ever, whatever there was: of the pointer a tombstone is left, which never goes.
 *
 * @returns whether it was written; `false`: there is a tombstone already.
 */
export function buryPointer(table: Table, hash: string, deletedAt: number): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...importedAt(hash), deleted: true, deletedAt },
        ConditionExpression: 'attribute_not_exists(deletedAt)',
      }),
    ),
  );
}
