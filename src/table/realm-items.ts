import { BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { keySetAt, type PrimaryKey } from './items.ts';
import { type Item, readItem } from './read.ts';
import type { Table } from './table.ts';
import { putItem, unlessConditionFails, withoutAbsent } from './write.ts';

/** What the passes on a realm remember. */
export function syncStateAt(issuer: string): PrimaryKey {
  return { pk: `sync#${issuer}`, sk: 'state' };
}

/** How far a full pass is that could not be done in one go. */
export function fullPassAt(issuer: string): PrimaryKey {
  return { pk: `sync#${issuer}`, sk: 'full-pass' };
}

/** What it has noted, in parts from 1 on. */
function notesAt(issuer: string, part: number): PrimaryKey {
  return { pk: `sync#${issuer}`, sk: `full-pass#${part}` };
}

/** Reads what the sync remembers, unparsed, and the key set's item beside it, in one request. */
export async function readRealmItems(
  table: Table,
  issuer: string,
): Promise<Readonly<Record<'syncState' | 'fullPass' | 'keySet', Item | undefined>>> {
  const keys = [syncStateAt(issuer), fullPassAt(issuer), keySetAt(issuer)];
  const Keys = keys.map((key) => ({ ...key }));
  const output = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ConsistentRead: true } } }),
  );
  // Short of capacity, DynamoDB leaves some for later.
  const isWhole = !output.UnprocessedKeys?.[table.name]?.Keys?.length;
  const items = isWhole
    ? (output.Responses?.[table.name] ?? [])
    : await Promise.all(keys.map((key) => readItem(table, key)));
  const [syncState, fullPass, keySet] = keys.map(({ pk, sk }) =>
    items.find((item) => item?.['pk'] === pk && item['sk'] === sk),
  );
  return { syncState, fullPass, keySet };
}

/**
 * @param over when the state was written that it follows from; nothing: whatever there is goes.
 * @returns `false`: there is another by now, which stands.
 */
export function putSyncState(
  table: Table,
  issuer: string,
  state: object,
  over: { readonly writtenAt: number } | undefined,
): Promise<boolean> {
  const condition = over !== undefined && {
    ConditionExpression: 'writtenAt = :was',
    ExpressionAttributeValues: { ':was': over.writtenAt },
  };
  const Item = withoutAbsent({ ...syncStateAt(issuer), ...state });
  return unlessConditionFails(() => table.client.send(new PutCommand({ TableName: table.name, Item, ...condition })));
}

/**
 * @param over until when the lease runs of what it follows from; nothing: there is none.
 * @returns `false`: another is at it.
 */
export function putFullPass(
  table: Table,
  issuer: string,
  fullPass: object,
  over: { readonly leaseUntil: number } | undefined,
): Promise<boolean> {
  const condition =
    over === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'leaseUntil = :was', ExpressionAttributeValues: { ':was': over.leaseUntil } };
  const Item = withoutAbsent({ ...fullPassAt(issuer), ...fullPass });
  return unlessConditionFails(() => table.client.send(new PutCommand({ TableName: table.name, Item, ...condition })));
}

/** @param notes with `purgeAt`, in epoch seconds: when DynamoDB may remove them. */
export function putNotes(
  table: Table,
  issuer: string,
  part: number,
  notes: Readonly<Record<string, unknown>> & { readonly purgeAt: number },
): Promise<void> {
  return putItem(table, notesAt(issuer, part), notes);
}

export function readNotes(table: Table, issuer: string, part: number): Promise<Item | undefined> {
  return readItem(table, notesAt(issuer, part));
}

/** Keeps a realm's key set, never over a newer one. @returns whether it was written. */
export function putKeySet(
  table: Table,
  issuer: string,
  keySet: { readonly jwks: string; readonly fetchedAt: number },
): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keySetAt(issuer), ...keySet },
        ConditionExpression: 'attribute_not_exists(pk) OR fetchedAt < :fetchedAt',
        ExpressionAttributeValues: { ':fetchedAt': keySet.fetchedAt },
      }),
    ),
  );
}
