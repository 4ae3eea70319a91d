import type { Events, Realm } from '../keycloak/realm.ts';
import type { Waiting } from './pass.ts';
import { MAX_DISABLED, type SyncState } from './state.ts';

/** What a full pass begins with, so that the next quick one goes on from there. */
export type Baseline = Pick<SyncState, 'disabled' | 'events' | 'lastEventAt' | 'seenEvents' | 'fullPassAt'>;

/** Events this much older than the pass are seen to again by the next one: the realm's clock may be behind ours. */
const CLOCK_MARGIN_MS = 5 * 60_000;

/** Must come before the first look-up: what changes during the pass is then the next quick one's. */
export async function takeBaseline(realm: Realm, startedAt: number): Promise<Baseline> {
  return {
    disabled: await listDisabled(realm),
    events: await realm.events(),
    lastEventAt: startedAt - CLOCK_MARGIN_MS,
    seenEvents: [],
    fullPassAt: startedAt,
  };
}

/** The disabled users' ids, sorted, or nothing if there are more than a state can hold. */
export async function listDisabled(realm: Realm): Promise<string[] | undefined> {
  const ids = new Set<string>();
  for await (const id of realm.disabledUsers()) {
    ids.add(id);
    if (ids.size > MAX_DISABLED) return undefined;
  }
  return [...ids].sort();
}

/** What quick passes won't see, until the realm keeps admin events and shows them. */
export function waitingFor(events: Events): readonly Waiting[] {
  if (events === 'kept') return [];
  return [events === 'off' ? 'no_admin_events' : 'no_view_events'];
}
