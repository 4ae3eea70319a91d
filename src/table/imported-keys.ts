import { importedAt, type Pointer, parseItem, pointerSchema } from './items.ts';
import { readItem } from './read.ts';
import type { Table } from './table.ts';
import { changeItem, putIfAbsent } from './write.ts';

/** @param hash SHA-256 of the whole key as another system made it, hex. */
export async function readPointer(table: Table, hash: string): Promise<Pointer | undefined> {
  const key = importedAt(hash);
  const item = await readItem(table, key);
  return item && parseItem(pointerSchema, item, key);
}

/** @returns whether it was written; `false`: there is one for this hash, which was left as it is. */
export function putPointerIfAbsent(
  table: Table,
  hash: string,
  pointer: Pointer & { readonly purgeAt?: number },
): Promise<boolean> {
  return putIfAbsent(table, importedAt(hash), pointer);
}

/** Lets the table remove a pointer that leads to no good hash any more: it only costs a read. */
export async function endPointer(table: Table, hash: string, purgeAt: number): Promise<void> {
  await changeItem(table, importedAt(hash), {}, { purgeAt });
}
