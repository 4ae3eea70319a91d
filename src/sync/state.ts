import { BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { type Item, readItem, unlessConditionFails } from '../table/change.ts';
import { type ItemKey, keySetKey } from '../table/items.ts';
import type { Table } from '../table/table.ts';

/** The most ids that the state holds: at 36 characters each, half of the 400 KB that DynamoDB allows an item. */
export const MAX_DISABLED = 5000;

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0));

const stateSchema = v.object({
  /** The ids of the disabled users whom a pass has seen to; absent when there are too many to be kept. */
  disabled: v.optional(v.array(v.string())),
  /** Whether the realm keeps admin events, as the last full pass found it. */
  events: v.picklist(['kept', 'off', 'not_allowed']),
  /** The time of the latest event that a pass has seen to, by the realm's clock. */
  lastEventAt: milliseconds,
  /** The ids of the events shortly before, since one may become visible after a later one. */
  seenEvents: v.array(v.string()),
  /** How many accounts were active at the last full pass. */
  activeAccounts: v.number(),
  fullPassAt: milliseconds,
  writtenAt: milliseconds,
});

/** What the passes on a realm remember, so that a quick one sees what is new. Times are epoch milliseconds. */
export type SyncState = v.InferOutput<typeof stateSchema>;

export function stateKey(issuer: string): ItemKey {
  return { pk: `sync#${issuer}`, sk: 'state' };
}

/**
 * Reads the state and since when the table has the realm's key set (epoch seconds), in one request.
 *
 * @returns no state where there is none, or one of another version's making.
 */
export async function readState(
  table: Table,
  issuer: string,
): Promise<{ readonly state: SyncState | undefined; readonly keySetAt: number | undefined }> {
  const [stateItem, keySetItem] = await readBoth(table, stateKey(issuer), keySetKey(issuer));
  const state = v.safeParse(stateSchema, stateItem);
  const fetchedAt = keySetItem?.['fetchedAt'];
  return {
    state: state.success ? state.output : undefined,
    keySetAt: typeof fetchedAt === 'number' ? fetchedAt : undefined,
  };
}

async function readBoth(table: Table, ...keys: readonly [ItemKey, ItemKey]): Promise<readonly (Item | undefined)[]> {
  const Keys = keys.map((key) => ({ ...key }));
  const output = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ConsistentRead: true } } }),
  );
  // Short of capacity, DynamoDB leaves some for later.
  if (output.UnprocessedKeys?.[table.name]?.Keys?.length) return Promise.all(keys.map((key) => readItem(table, key)));
  const items = output.Responses?.[table.name] ?? [];
  return keys.map(({ pk }) => items.find((item) => item['pk'] === pk));
}

/**
 * Writes the state.
 *
 * @param over the state that it follows from: if there is another by now, that of another pass stands. Without one it
 *   is written whatever there is, as after a full pass.
 */
export async function writeState(table: Table, issuer: string, state: SyncState, over?: SyncState): Promise<void> {
  const Item = { ...stateKey(issuer), ...withoutUndefined(state) };
  await unlessConditionFails(() =>
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item,
        ...(over !== undefined && {
          ConditionExpression: 'writtenAt = :was',
          ExpressionAttributeValues: { ':was': over.writtenAt },
        }),
      }),
    ),
  );
}

function withoutUndefined(item: object): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}
