import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { accountAt } from './items.ts';
import { type Item, readItem } from './read.ts';
import type { Table } from './table.ts';
import { unlessConditionFails } from './write.ts';

/**
 * Counts a key in, if the account is active and has fewer than `most`.
 *
 * @param at epoch seconds
 * @returns whether it was counted in.
 */
export function reservePlace(
  table: Table,
  userId: string,
  { at, most }: { readonly at: number; readonly most: number },
): Promise<boolean> {
  return updateCount(table, userId, {
    update: 'SET keyCount = keyCount + :one, keyCountAt = :at',
    condition: 'userId = :userId AND active = :true AND deleted <> :true AND keyCount < :most',
    values: { ':userId': userId, ':true': true, ':one': 1, ':most': most, ':at': at },
  });
}

/** Counts a key out. */
export async function releasePlace(table: Table, userId: string, at: number): Promise<void> {
  await updateCount(table, userId, {
    update: 'SET keyCount = keyCount - :one, keyCountAt = :at',
    condition: 'keyCount > :zero',
    values: { ':one': 1, ':zero': 0, ':at': at },
  });
}

/** Puts a count right that was wrong, if it has been at rest since `settled` (epoch seconds). */
export async function correctKeyCount(
  table: Table,
  userId: string,
  { counted, at, settled }: { readonly counted: number; readonly at: number; readonly settled: number },
): Promise<void> {
  const keyCount = (await readItem(table, accountAt(userId)))?.['keyCount'];
  if (keyCount === undefined || keyCount === counted) return;
  await updateCount(table, userId, {
    update: 'SET keyCount = :counted, keyCountAt = :at',
    condition: 'keyCount = :seen AND (attribute_not_exists(keyCountAt) OR keyCountAt <= :settled)',
    values: { ':counted': counted, ':seen': keyCount, ':at': at, ':settled': settled },
  });
}

/** Gives an account a count that has none. */
export async function setFirstKeyCount(table: Table, userId: string, counted: number, at: number): Promise<void> {
  await updateCount(table, userId, {
    update: 'SET keyCount = :counted, keyCountAt = :at',
    condition: 'attribute_exists(pk) AND attribute_not_exists(keyCount)',
    values: { ':counted': counted, ':at': at },
  });
}

interface CountUpdate {
  readonly update: string;
  readonly condition: string;
  readonly values: Item;
}

/** @returns whether the condition held. */
function updateCount(table: Table, userId: string, { update, condition, values }: CountUpdate): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { ...accountAt(userId) },
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    ),
  );
}
