import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ItemKey } from './items.ts';
import type { Table } from './table.ts';

export type Item = Record<string, unknown>;

/** New values by attribute; `undefined` takes the attribute away. */
export type Changes = Readonly<Record<string, unknown>>;

/** What an attribute must be for a change to be made; `undefined`: absent. */
export type Expected = Readonly<Record<string, unknown>>;

export async function readItem(table: Table, key: ItemKey): Promise<Item | undefined> {
  const output = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { ...key }, ConsistentRead: true }),
  );
  return output.Item;
}

/**
 * Writes an item where there is none yet. Attributes that are undefined are left out.
 *
 * @returns whether it was written; `false`: there is one, which was left as it is.
 */
export async function putIfAbsent(table: Table, key: ItemKey, item: object): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: withoutAbsent({ ...key, ...item }),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
}

/**
 * The same for an item that nobody else would write: one that is there just as it was to be written counts as written,
 * since the SDK repeats a write whose answer was lost.
 */
export async function putNew(table: Table, key: ItemKey, item: object): Promise<boolean> {
  if (await putIfAbsent(table, key, item)) return true;
  return isDeepStrictEqual(await readItem(table, key), withoutAbsent({ ...key, ...item }));
}

/**
 * Changes an item that exists, if it is still as it was read: two writers at once never lose one's change.
 *
 * @returns whether it was changed; `false`: it is another by now, so read it again.
 */
export async function changeItem(table: Table, key: ItemKey, expected: Expected, changes: Changes): Promise<boolean> {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (placeholder: string, of: unknown) => {
    values[placeholder] = of;
    return placeholder;
  };
  const set = Object.entries(changes).filter(([, to]) => to !== undefined);
  const removed = Object.entries(changes).filter(([, to]) => to === undefined);
  const setting = set.map(([attribute, to]) => `${name(attribute)} = ${value(`:to_${attribute}`, to)}`);
  const removing = removed.map(([attribute]) => name(attribute));
  const conditions = Object.entries(expected).map(([attribute, was]) =>
    was === undefined
      ? `attribute_not_exists(${name(attribute)})`
      : `${name(attribute)} = ${value(`:was_${attribute}`, was)}`,
  );
  const setClause = setting.length > 0 ? [`SET ${setting.join(', ')}`] : [];
  const removeClause = removing.length > 0 ? [`REMOVE ${removing.join(', ')}`] : [];
  return unlessConditionFails(() =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { ...key },
        UpdateExpression: [...setClause, ...removeClause].join(' '),
        ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
        ExpressionAttributeNames: names,
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      }),
    ),
  );
}

/** Runs a conditional write. @returns whether its condition held. */
export async function unlessConditionFails(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** How often a change is tried against other writers before the operator is told. */
const ATTEMPTS = 5;

/** Reads, decides and changes, again if another writer came between. `attempt` gives nothing while it must be repeated. */
export async function retrying<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new Error('Others are changing the same item all the time: try again.');
}

function withoutAbsent(item: object): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}
