import type { Events, Realm } from '../keycloak/realm.ts';
import { currentPosition } from './events-since.ts';
import type { Pending } from './pass.ts';
import { bytesOf, MOST_BYTES, type Position, type SyncState } from './state.ts';

/** What a full pass begins with, so that the next quick one goes on from there. */
export type Baseline = Position & Pick<SyncState, 'disabled' | 'events'>;

/** Must come before the first look at a user: what changes during the pass is then the next quick one's. */
export async function takeBaseline(realm: Realm): Promise<Baseline> {
  const disabled = await listDisabled(realm);
  const events = await realm.events();
  const position = events === 'kept' ? await currentPosition(realm) : { lastEventAt: 0, seenEvents: [] };
  return { disabled, events, ...position };
}

/** The disabled users' ids, sorted, or nothing if there are more than a state can hold. */
export async function listDisabled(realm: Realm): Promise<string[] | undefined> {
  const ids = new Set<string>();
  let bytes = 0;
  for await (const id of realm.disabledUsers()) {
    bytes += bytesOf(id);
    if (bytes > MOST_BYTES.disabled) return undefined;
    ids.add(id);
  }
  return [...ids].sort();
}

/** What quick passes won't see, until the realm keeps admin events and shows them. */
export function pendingFor(events: Events): readonly Pending[] {
  if (events === 'kept') return [];
  return [events === 'off' ? 'no_admin_events' : 'no_view_events'];
}
