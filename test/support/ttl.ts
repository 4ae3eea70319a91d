import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../src/table/table.ts';

/** Removes all that DynamoDB may remove one day: what has a `purgeAt`, whenever that is. */
export async function removeWhatMayGo({ client, name }: Table): Promise<void> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
  for (const { pk, sk, purgeAt } of Items) {
    if (purgeAt !== undefined) await client.send(new DeleteCommand({ TableName: name, Key: { pk, sk } }));
  }
}
