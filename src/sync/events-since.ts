import { createHash } from 'node:crypto';
import type { AdminEvent, Realm } from '../keycloak/realm.ts';
import type { Position, SyncState } from './state.ts';

/** What has happened since a pass. */
export interface News extends Position {
  /** Whose account has to be looked up. */
  readonly userIds: ReadonlySet<string>;
  /** A role or a group was changed, and with it the roles of users whom the event doesn't name. */
  readonly concernsMany: boolean;
}

/** An event is stamped before its transaction ends, so one may become visible after later ones: but not much. */
const OVERLAP_MS = 30_000;
/** The most events that are remembered; what is forgotten is only looked up again. */
const MAX_SEEN = 5000;
/** From so many new events on, a full pass is the cheaper one. */
const MAX_NEW = 2000;

/** @returns nothing if there are more events than it pays to look at one by one. */
export async function readNews(realm: Realm, state: SyncState): Promise<News | undefined> {
  if (state.events !== 'kept') return noNews(state);
  const seen = new Set(state.seenEvents);
  const fresh: AdminEvent[] = [];
  const known: AdminEvent[] = [];
  for await (const event of realm.adminEvents(Math.max(0, state.lastEventAt - OVERLAP_MS))) {
    (seen.has(fingerprintOf(event)) ? known : fresh).push(event);
    if (fresh.length > MAX_NEW) return undefined;
  }
  if (fresh.length === 0) return noNews(state);
  const lastEventAt = fresh.reduce((last, { time }) => Math.max(last, time), state.lastEventAt);
  return {
    userIds: new Set(fresh.flatMap(({ path }) => userIn(path) ?? [])),
    concernsMany: fresh.some(({ path }) => concernsMany(path)),
    lastEventAt,
    seenEvents: seenAt(lastEventAt, [...fresh, ...known]),
  };
}

export function noNews({ lastEventAt, seenEvents }: Position): News {
  return { userIds: new Set(), concernsMany: false, lastEventAt, seenEvents };
}

/** Up to the latest event that there is, by the realm's own clock. */
export async function currentPosition(realm: Realm): Promise<Position> {
  const latest: AdminEvent[] = [];
  for await (const event of realm.adminEvents(0)) {
    if (event.time < (latest[0]?.time ?? 0) - OVERLAP_MS || latest.length === MAX_SEEN) break;
    latest.push(event);
  }
  const lastEventAt = latest[0]?.time ?? 0;
  return { lastEventAt, seenEvents: seenAt(lastEventAt, latest) };
}

function seenAt(lastEventAt: number, events: readonly AdminEvent[]): string[] {
  return events
    .filter(({ time }) => time >= lastEventAt - OVERLAP_MS)
    .slice(0, MAX_SEEN)
    .map(fingerprintOf);
}

/** 72 bits of a hash: thousands fit into an item, and no two of them are the same by chance. */
function fingerprintOf({ id }: AdminEvent): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 12);
}

function userIn(path: string): string | undefined {
  return /^users\/([^/]+)/.exec(path)?.[1];
}

/** A role's composites or its removal, a group's roles, place or removal. */
function concernsMany(path: string): boolean {
  return /^(roles|roles-by-id|groups|clients\/[^/]+\/roles)(\/|$)/.test(path);
}
