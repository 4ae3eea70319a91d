import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { accountAt } from './items.ts';
import { type Item, readItem } from './read.ts';
import type { Table } from './table.ts';
import { unlessConditionFails } from './write.ts';

interface Place {
  readonly userId: string;
  /** The key that the place is for. */
  readonly keyId: string;
  /** Epoch seconds. */
  readonly at: number;
}

/**
 * Counts a key in, if the account is active and has fewer than `most`.
 *
 * @returns whether it was counted in.
 */
export function reservePlace(table: Table, { userId, keyId, at }: Place, most: number): Promise<boolean> {
  return updateOnce(table, userId, {
    update: 'SET keyCount = keyCount + :one, keyCountAt = :at, keyCountChange = :change',
    condition: 'userId = :userId AND active = :true AND deleted <> :true AND keyCount < :most',
    change: `+${keyId}`,
    values: { ':userId': userId, ':true': true, ':one': 1, ':most': most, ':at': at },
  });
}

/** Counts a key out. */
export async function releasePlace(table: Table, { userId, keyId, at }: Place): Promise<void> {
  await updateOnce(table, userId, {
    update: 'SET keyCount = keyCount - :one, keyCountAt = :at, keyCountChange = :change',
    condition: 'keyCount > :zero',
    change: `-${keyId}`,
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

/**
 * The SDK repeats a write whose answer was lost, and this one would count twice: the account tells the last change that
 * was made to its count. If another change came in between, the count may be off by one until keys are listed.
 *
 * @returns whether the change is made.
 */
async function updateOnce(
  table: Table,
  userId: string,
  { change, condition, values, update }: CountUpdate & { readonly change: string },
): Promise<boolean> {
  const isMade = await updateCount(table, userId, {
    update,
    condition: `${condition} AND NOT keyCountChange = :change`,
    values: { ...values, ':change': change },
  });
  return isMade || (await readItem(table, accountAt(userId)))?.['keyCountChange'] === change;
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
