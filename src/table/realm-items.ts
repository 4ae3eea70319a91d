import { BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { keySetAt, type PrimaryKey } from './items.ts';
import { type Item, readItem } from './read.ts';
import type { Table } from './table.ts';
import { unlessConditionFails, withoutAbsent } from './write.ts';

/** What the passes on a realm remember. */
export function syncStateAt(issuer: string): PrimaryKey {
  return { pk: `sync#${issuer}`, sk: 'state' };
}

/** Reads what the sync remembers, unparsed, and the key set's item beside it, in one request. */
export async function readRealmItems(
  table: Table,
  issuer: string,
): Promise<{ readonly syncState: Item | undefined; readonly keySet: Item | undefined }> {
  const keys = [syncStateAt(issuer), keySetAt(issuer)];
  const Keys = keys.map((key) => ({ ...key }));
  const output = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ConsistentRead: true } } }),
  );
  // Short of capacity, DynamoDB leaves some for later.
  const isWhole = !output.UnprocessedKeys?.[table.name]?.Keys?.length;
  const items = isWhole
    ? (output.Responses?.[table.name] ?? [])
    : await Promise.all(keys.map((key) => readItem(table, key)));
  const [syncState, keySet] = keys.map(({ pk }) => items.find((item) => item?.['pk'] === pk));
  return { syncState, keySet };
}

/** @param over when the state was written that it follows from: another one stands. Without it, whatever there is goes. */
export async function putSyncState(
  table: Table,
  issuer: string,
  state: object,
  over?: { readonly writtenAt: number },
): Promise<void> {
  const condition = over !== undefined && {
    ConditionExpression: 'writtenAt = :was',
    ExpressionAttributeValues: { ':was': over.writtenAt },
  };
  const Item = withoutAbsent({ ...syncStateAt(issuer), ...state });
  await unlessConditionFails(() => table.client.send(new PutCommand({ TableName: table.name, Item, ...condition })));
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
