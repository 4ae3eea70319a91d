import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { type AccountRecord, accountRecordSchema, itemsOf } from './records.ts';
import type { Table } from './table.ts';

/**
 * All accounts, in no order, as the table's pages come.
 *
 * Reads the whole table, keys and all, since there is no index: its cost grows with the table. Not for a request path.
 */
export async function* listAccounts(table: Table): AsyncGenerator<AccountRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: 'sk = :account',
        ExpressionAttributeValues: { ':account': 'account' },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield v.parse(accountRecordSchema, item);
}
