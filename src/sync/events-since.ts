import type { AdminEvent, Realm } from '../keycloak/realm.ts';
import type { SyncState } from './state.ts';

/** What has happened since a pass. */
export interface News {
  /** Whose account has to be looked up. */
  readonly userIds: ReadonlySet<string>;
  /** A role or a group was changed, and with it the roles of users whom the event doesn't name. */
  readonly concernsMany: boolean;
  readonly lastEventAt: number;
  readonly seenEvents: string[];
}

/** An event is stamped before its transaction ends, so one may become visible after later ones: but not much. */
const OVERLAP_MS = 30_000;
/** The most ids that are remembered; what is forgotten is only looked up again. */
const MAX_SEEN = 1000;
/** From so many new events on, a full pass is the cheaper one. */
const MAX_NEW = 2000;

/** @returns nothing if there are more events than it pays to look at one by one. */
export async function readNews(realm: Realm, state: SyncState): Promise<News | undefined> {
  if (state.events !== 'kept') return noNews(state);
  const seen = new Set(state.seenEvents);
  const since = state.lastEventAt - OVERLAP_MS;
  const fresh: AdminEvent[] = [];
  const known: AdminEvent[] = [];
  for await (const event of realm.adminEvents(since)) {
    (seen.has(event.id) ? known : fresh).push(event);
    if (fresh.length > MAX_NEW) return undefined;
  }
  if (fresh.length === 0) return noNews(state);
  const lastEventAt = fresh.reduce((last, { time }) => Math.max(last, time), state.lastEventAt);
  const recent = [...fresh, ...known].filter(({ time }) => time >= lastEventAt - OVERLAP_MS);
  return {
    userIds: new Set(fresh.flatMap(({ path }) => userIn(path) ?? [])),
    concernsMany: fresh.some(({ path }) => concernsMany(path)),
    lastEventAt,
    seenEvents: recent.slice(0, MAX_SEEN).map(({ id }) => id),
  };
}

export function noNews({ lastEventAt, seenEvents }: SyncState): News {
  return { userIds: new Set(), concernsMany: false, lastEventAt, seenEvents };
}

function userIn(path: string): string | undefined {
  return /^users\/([^/]+)/.exec(path)?.[1];
}

/** A role's composites or its removal, a group's roles, place or removal. */
function concernsMany(path: string): boolean {
  return /^(roles|roles-by-id|groups|clients\/[^/]+\/roles)(\/|$)/.test(path);
}
