import { SyncError } from '../keycloak/sync-error.ts';
import { fitting, MOST_BYTES, type SyncState } from './state.ts';

/** The greatest share of the accounts that a pass may skip, and the greatest number. One it may always. */
const MOST_SHARE = 0.01;
const MOST = 5000;

/**
 * @param skipped why, by user id.
 * @returns an error where so many are left out that the rest can't be taken for the whole.
 */
export function problemOfSkipped(skipped: ReadonlyMap<string, string>, accounts: number): SyncError | undefined {
  const most = Math.max(1, Math.min(MOST, Math.floor(accounts * MOST_SHARE)));
  if (skipped.size <= most) return undefined;
  const [[userId, why] = ['', '']] = skipped;
  return new SyncError(
    'too_many_skipped',
    `${skipped.size} of ${accounts} accounts could not be compared with the realm, and ${most} is the most: nobody was ` +
      `disabled. The first is ${userId}: ${why}`,
  );
}

/** In how many full passes running each was skipped, this one counted. */
export function countSkipped(skippedIds: Iterable<string>, before: SyncState['skipped'] = {}): SyncState['skipped'] {
  const counts = [...skippedIds].map((userId): [string, number] => [userId, (before[userId] ?? 0) + 1]);
  counts.sort(([, a], [, b]) => b - a); // if not all can be kept, those who have been skipped for longest are
  const kept = fitting(
    counts.map(([userId]) => userId),
    MOST_BYTES.skipped,
  );
  return Object.fromEntries(counts.slice(0, kept.length));
}
