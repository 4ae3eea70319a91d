import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { PrimaryKey } from './items.ts';
import { type Item, readItem } from './read.ts';
import type { Table } from './table.ts';

/** New values by attribute; `undefined` takes the attribute away. */
export type Changes<Shape = Item> = Readonly<Partial<Shape>>;

/** What an attribute must be for a write to be made; `undefined`: absent. */
export type Expected<Shape = Item> = Changes<Shape>;

/** Writes an item over whatever there is. */
export async function putItem(table: Table, key: PrimaryKey, item: object): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: withoutAbsent({ ...key, ...item }) }));
}

/**
 * Writes an item where there is none yet. Attributes that are undefined are left out.
 *
 * @returns whether it was written; `false`: there is one, which was left as it is.
 */
export async function putIfAbsent(table: Table, key: PrimaryKey, item: object): Promise<boolean> {
  const Item = withoutAbsent({ ...key, ...item });
  return unlessConditionFails(() =>
    table.client.send(new PutCommand({ TableName: table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
  );
}

/**
 * The same for an item that nobody else would write: one that is there just as it was to be written counts as written,
 * since the SDK repeats a write whose answer was lost.
 */
export async function putNew(table: Table, key: PrimaryKey, item: object): Promise<boolean> {
  if (await putIfAbsent(table, key, item)) return true;
  return isDeepStrictEqual(await readItem(table, key), withoutAbsent({ ...key, ...item }));
}

/**
 * Changes an item that exists, if it is still as it was read: two writers at once never lose one's change.
 *
 * @returns whether it is changed now, be it by a try whose answer was lost; `false`: it is another by now, so read it
 *   again.
 */
export async function changeItem(
  table: Table,
  key: PrimaryKey,
  expected: Expected,
  changes: Changes,
): Promise<boolean> {
  const expressions = createExpressions();
  const { set, remove } = expressions.updates(changes);
  const conditions = expressions.conditions(expected);
  const isWritten = await unlessConditionFails(() =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { ...key },
        UpdateExpression: [...set, ...remove].join(' '),
        ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
        ...expressions.attributes(),
      }),
    ),
  );
  if (isWritten) return true;
  const item = await readItem(table, key);
  return item !== undefined && Object.entries(changes).every(([name, to]) => isDeepStrictEqual(item[name], to));
}

/**
 * Puts an item in the place of one that is still as it was read; nothing of the other is left.
 *
 * @returns whether it is there now, be it by a try whose answer was lost.
 */
export async function replaceItem(table: Table, key: PrimaryKey, expected: Expected, item: object): Promise<boolean> {
  const Item = withoutAbsent({ ...key, ...item });
  const expressions = createExpressions();
  const conditions = expressions.conditions(expected);
  const isWritten = await unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item,
        ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
        ...expressions.attributes(),
      }),
    ),
  );
  return isWritten || isDeepStrictEqual(await readItem(table, key), Item);
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

/** DynamoDB's expressions, with a placeholder for each name and value, since some names are reserved words. */
function createExpressions() {
  const names: Record<string, string> = {};
  const values: Item = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const equals = (attribute: string, use: 'to' | 'was', of: unknown) => {
    values[`:${use}_${attribute}`] = of;
    return `${name(attribute)} = :${use}_${attribute}`;
  };
  return {
    updates(changes: Changes) {
      const entries = Object.entries(changes);
      const set = entries.filter(([, to]) => to !== undefined).map(([attribute, to]) => equals(attribute, 'to', to));
      const remove = entries.filter(([, to]) => to === undefined).map(([attribute]) => name(attribute));
      return { set: clause('SET', set), remove: clause('REMOVE', remove) };
    },
    conditions(expected: Expected) {
      return Object.entries(expected).map(([attribute, was]) =>
        was === undefined ? `attribute_not_exists(${name(attribute)})` : equals(attribute, 'was', was),
      );
    },
    attributes() {
      const hasValues = Object.keys(values).length > 0;
      return { ExpressionAttributeNames: names, ...(hasValues && { ExpressionAttributeValues: values }) };
    },
  };
}

function clause(word: string, parts: readonly string[]): readonly string[] {
  return parts.length > 0 ? [`${word} ${parts.join(', ')}`] : [];
}

export function withoutAbsent(item: object): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}
