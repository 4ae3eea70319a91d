import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { accountKey, accountSchema, apiKeySchema } from './items.ts';
import type { Table } from './table.ts';

/** How long a deleted item stays, so that the ids in old log lines can still be looked up. */
export const KEEP_DELETED_SECONDS = 30 * 86_400;

/** The items as their keepers see them: what decisions need, and what tells how they came to be so. */
const epochSeconds = v.pipe(v.number(), v.integer(), v.minValue(0));

export const accountRecordSchema = v.object({
  ...accountSchema.entries,
  /** Who disabled the account: only what the sync disabled does the sync enable again. */
  disabledBy: v.optional(v.picklist(['operator', 'sync'])),
  deletedAt: v.optional(epochSeconds),
  /** When DynamoDB may remove the item (the table's TTL attribute). */
  purgeAt: v.optional(epochSeconds),
});

const apiKeyRecordSchema = v.object({
  ...apiKeySchema.entries,
  deletedAt: v.optional(epochSeconds),
  rotatedAt: v.optional(epochSeconds),
  /** SHA-256 of the key as another system made it: where its pointer item lies. */
  importedHash: v.optional(v.string()),
});

export type AccountRecord = v.InferOutput<typeof accountRecordSchema>;
export type ApiKeyRecord = v.InferOutput<typeof apiKeyRecordSchema> & { readonly keyId: string };

export function parseKeyRecord(item: Record<string, unknown>): ApiKeyRecord {
  return { ...v.parse(apiKeyRecordSchema, item), keyId: String(item['sk']).slice('key#'.length) };
}

interface Page {
  readonly Items?: Record<string, unknown>[] | undefined;
  readonly LastEvaluatedKey?: Record<string, unknown> | undefined;
}

/** All items of a query or a scan, as its pages come. */
export async function* itemsOf(
  read: (start: Record<string, unknown> | undefined) => Promise<Page>,
): AsyncGenerator<Record<string, unknown>> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await read(start);
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** The keys of a user, in no order. */
export async function* queryKeys(table: Table, userId: string): AsyncGenerator<ApiKeyRecord> {
  const items = itemsOf((start) =>
    table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :key)',
        ExpressionAttributeValues: { ':pk': accountKey(userId).pk, ':key': 'key#' },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield parseKeyRecord(item);
}
