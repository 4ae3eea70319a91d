import * as v from 'valibot';
import { putSyncState, readRealmItems } from '../table/realm-items.ts';
import type { Table } from '../table/table.ts';

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const positionSchema = v.object({
  /** The time of the latest event that a pass has seen to, by the realm's clock; 0 if there was none. */
  lastEventAt: milliseconds,
  /** Fingerprints of the events shortly before, since one may become visible after a later one. */
  seenEvents: v.array(v.string()),
});

/** Up to which of the realm's events a pass has seen. */
export type Position = v.InferOutput<typeof positionSchema>;

const stateSchema = v.object({
  /** The ids of the disabled users whom a pass has seen to; absent when there are too many to be kept. */
  disabled: v.optional(v.array(v.string())),
  /** Whether the realm keeps admin events, as the last full pass found it. */
  events: v.picklist(['kept', 'off', 'not_allowed']),
  ...positionSchema.entries,
  /** Whom the next quick pass looks up again: their account was changed meanwhile, or the realm did not answer once. */
  again: v.array(v.string()),
  /** How many accounts there were at the last full pass, how many of those active, how many of these with live keys. */
  accounts: count,
  active: count,
  withKeys: count,
  /** In how many full passes running an account was skipped, by user id. */
  skipped: v.record(v.string(), count),
  /** When the last full pass ended. */
  fullPassAt: milliseconds,
  writtenAt: milliseconds,
});

/** What the passes on a realm remember, so that a quick one sees what is new. Times are epoch milliseconds. */
export type SyncState = v.InferOutput<typeof stateSchema>;

/** How much of the 400 KB that DynamoDB allows an item each list of ids may take. */
export const MOST_BYTES = { disabled: 200_000, again: 20_000, skipped: 50_000 } as const;

/** What an id takes in a list, its length and type included, or as a name beside a number, and a little more. */
export function bytesOf(id: string): number {
  return Buffer.byteLength(id) + 12;
}

/** @returns as many of the ids, from the first, as fit into so many bytes. */
export function fitting(ids: Iterable<string>, mostBytes: number): string[] {
  const fit: string[] = [];
  let bytes = 0;
  for (const id of ids) {
    bytes += bytesOf(id);
    if (bytes > mostBytes) break;
    fit.push(id);
  }
  return fit;
}

/**
 * Reads the state, since when the table has the realm's key set (epoch seconds), and how far an unfinished full pass
 * is, in one request.
 *
 * @returns no state where there is none, or one of another version's making.
 */
export async function readState(table: Table, issuer: string): Promise<Remembered> {
  const { syncState, fullPass, keySet } = await readRealmItems(table, issuer);
  const state = v.safeParse(stateSchema, syncState);
  const fetchedAt = keySet?.['fetchedAt'];
  return {
    state: state.success ? state.output : undefined,
    fullPass,
    keySetAt: typeof fetchedAt === 'number' ? fetchedAt : undefined,
  };
}

interface Remembered {
  readonly state: SyncState | undefined;
  readonly fullPass: unknown;
  readonly keySetAt: number | undefined;
}

/**
 * Writes the state that follows from another.
 *
 * @param over what it follows from; nothing: there was none, or none that can be read.
 * @returns `false` if there is another by now: that one stands.
 */
export function writeState(
  table: Table,
  issuer: string,
  state: Omit<SyncState, 'writtenAt'>,
  over: SyncState | undefined,
  now: number,
): Promise<boolean> {
  // Never the same as before, whatever the clock says: it is what tells one state from another.
  const writtenAt = Math.max(now, (over?.writtenAt ?? 0) + 1);
  return putSyncState(table, issuer, { ...state, writtenAt }, over);
}
