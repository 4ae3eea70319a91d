import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readItem, unlessConditionFails } from '../table/change.ts';
import { accountKey } from '../table/items.ts';
import { queryKeys } from '../table/records.ts';
import type { Table } from '../table/table.ts';
import { getAccount } from './accounts.ts';
import { AdminError } from './admin-error.ts';

/** The most keys that a user may have, deleted ones aside. */
const MAX_KEYS = 50;

/** A count that changed this recently may be ahead of a key that is being written: it isn't repaired yet. */
const SETTLED_SECONDS = 60;

/**
 * Counts a key in before it is written, so that two at once can't both be the fiftieth.
 *
 * A process that dies between the two leaves the count too high by one, never too low; `keys list` repairs it.
 *
 * @param at epoch seconds
 * @throws AdminError `user_not_found`, `user_not_active`, `too_many_keys`
 */
export async function takePlace(table: Table, userId: string, at: number): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await tryToTakePlace(table, userId, at)) return;
    const account = await getAccount(table, userId);
    if (account.active !== true || account.deleted === true) {
      throw new AdminError('user_not_active', `User ${userId} is disabled or deleted: no key was made.`);
    }
    // An import writes accounts without a count.
    if (account.keyCount !== undefined) break;
    await setKeyCount(table, userId, at);
  }
  throw new AdminError('too_many_keys', `User ${userId} has ${MAX_KEYS} keys already: delete one first.`);
}

async function tryToTakePlace(table: Table, userId: string, at: number): Promise<boolean> {
  return updateCount(table, userId, {
    update: 'SET keyCount = keyCount + :one, keyCountAt = :at',
    condition: 'userId = :userId AND active = :true AND deleted <> :true AND keyCount < :most',
    values: { ':userId': userId, ':true': true, ':one': 1, ':most': MAX_KEYS, ':at': at },
  });
}

/** Counts a key out: one that is deleted, or that could not be written after all. */
export async function givePlaceBack(table: Table, userId: string, at: number): Promise<void> {
  await updateCount(table, userId, {
    update: 'SET keyCount = keyCount - :one, keyCountAt = :at',
    condition: 'keyCount > :zero',
    values: { ':one': 1, ':zero': 0, ':at': at },
  });
}

/** Counts the keys anew, if the count is wrong and has been at rest for a minute. */
export async function repairKeyCount(table: Table, userId: string, counted: number, at: number): Promise<void> {
  const keyCount = (await readItem(table, accountKey(userId)))?.['keyCount'];
  if (keyCount === undefined || keyCount === counted) return;
  await updateCount(table, userId, {
    update: 'SET keyCount = :counted, keyCountAt = :at',
    condition: 'keyCount = :seen AND (attribute_not_exists(keyCountAt) OR keyCountAt <= :settled)',
    values: { ':counted': counted, ':seen': keyCount, ':at': at, ':settled': at - SETTLED_SECONDS },
  });
}

async function setKeyCount(table: Table, userId: string, at: number): Promise<void> {
  let counted = 0;
  for await (const key of queryKeys(table, userId)) if (key.deleted !== true) counted++;
  await updateCount(table, userId, {
    update: 'SET keyCount = :counted, keyCountAt = :at',
    condition: 'attribute_exists(pk) AND attribute_not_exists(keyCount)',
    values: { ':counted': counted, ':at': at },
  });
}

interface CountUpdate {
  readonly update: string;
  readonly condition: string;
  readonly values: Record<string, unknown>;
}

/** @returns whether the condition held. */
async function updateCount(table: Table, userId: string, { update, condition, values }: CountUpdate): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: accountKey(userId),
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    ),
  );
}
