import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { PrimaryKey } from './items.ts';
import type { Table } from './table.ts';

/** An item as DynamoDB gives it, of whose attributes nothing is known yet. */
export type Item = Record<string, unknown>;

/** Strongly consistent, as all reads are. */
export async function readItem(table: Table, key: PrimaryKey): Promise<Item | undefined> {
  const output = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { ...key }, ConsistentRead: true }),
  );
  return output.Item;
}

interface Page {
  readonly Items?: Item[] | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

/** All items of a query or a scan, as its pages come. */
export async function* itemsOf(readPage: (start: Item | undefined) => Promise<Page>): AsyncGenerator<Item> {
  let start: Item | undefined;
  do {
    const page = await readPage(start);
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
