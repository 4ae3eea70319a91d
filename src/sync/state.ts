import * as v from 'valibot';
import { putSyncState, readRealmItems } from '../table/realm-items.ts';
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

/**
 * Reads the state and since when the table has the realm's key set (epoch seconds), in one request.
 *
 * @returns no state where there is none, or one of another version's making.
 */
export async function readState(
  table: Table,
  issuer: string,
): Promise<{ readonly state: SyncState | undefined; readonly keySetAt: number | undefined }> {
  const { syncState, keySet } = await readRealmItems(table, issuer);
  const state = v.safeParse(stateSchema, syncState);
  const fetchedAt = keySet?.['fetchedAt'];
  return {
    state: state.success ? state.output : undefined,
    keySetAt: typeof fetchedAt === 'number' ? fetchedAt : undefined,
  };
}

/**
 * Writes the state.
 *
 * @param over the state that it follows from: if there is another by now, that of another pass stands. Without one it
 *   is written whatever there is, as after a full pass.
 */
export function writeState(table: Table, issuer: string, state: SyncState, over?: SyncState): Promise<void> {
  return putSyncState(table, issuer, state, over);
}
