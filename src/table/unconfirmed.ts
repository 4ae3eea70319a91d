import { DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { accountLocator } from '../key-format/format.ts';
import { type PrimaryKey, parseItem, UNCONFIRMED } from './items.ts';
import { itemsOf } from './read.ts';
import type { Table } from './table.ts';
import { putItem } from './write.ts';

/**
 * The users whose accounts came of their own sign-in and whom the sync has not looked up yet, in a partition of their
 * own, so that a pass of the sync finds them without reading the whole table.
 */
const schema = v.object({ userId: v.string() });

export async function markUnconfirmed(table: Table, userId: string): Promise<void> {
  await putItem(table, unconfirmedAt(userId), { userId });
}

export async function* unconfirmedUsers(table: Table): AsyncGenerator<string> {
  const items = itemsOf((start) =>
    table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': UNCONFIRMED },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield parseItem(schema, item, { sk: String(item['sk']) }).userId;
}

/** Takes a user out of the list, who has been looked up. */
export async function unmarkUnconfirmed(table: Table, userId: string): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: { ...unconfirmedAt(userId) } }));
}

function unconfirmedAt(userId: string): PrimaryKey {
  return { pk: UNCONFIRMED, sk: accountLocator(userId) };
}
