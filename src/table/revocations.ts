import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PrimaryKey } from './items.ts';
import type { Table } from './table.ts';
import { unlessConditionFails, withoutAbsent } from './write.ts';

/** Times are epoch seconds. */
interface Revocation {
  /** Tokens that were issued at or before it are refused. */
  readonly notBefore: number;
  /** When DynamoDB may remove the item, since no such token can be good any more; absent: never. */
  readonly purgeAt?: number | undefined;
}

/**
 * Revokes the tokens that were issued at or before a moment. A repeat, or another order, changes nothing: the latest
 * moment stands.
 *
 * One write, of the whole item, without a read: who may do this need have no other right.
 *
 * @param place of what is revoked: `revokedUserAt`, `revokedSessionAt` or `revokedRealmAt`.
 * @returns whether it was written; `false`: they were revoked up to then, or later, before.
 */
export function raiseNotBefore(table: Table, place: PrimaryKey, revocation: Revocation): Promise<boolean> {
  return unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: withoutAbsent({ ...place, ...revocation }),
        ConditionExpression: 'attribute_not_exists(notBefore) OR notBefore < :notBefore',
        ExpressionAttributeValues: { ':notBefore': revocation.notBefore },
      }),
    ),
  );
}
