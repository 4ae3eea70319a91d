const SECOND_MS = 1000;

/** How long after a failed fetch an old set is fetched anew, while it serves on. */
const REFRESH_PAUSE_MS = 30 * SECOND_MS;

/** Without a set, the next fetch begins after half to all of this time, which doubles with each failure. */
const FIRST_RETRY_MS = 2 * SECOND_MS;
const LONGEST_RETRY_MS = 5 * SECOND_MS;

/** Fetches for key ids that the set in hand lacks: so many at once, then one for each interval. */
const UNKNOWN_KEY_BURST = 3;
const UNKNOWN_KEY_INTERVAL_MS = 10 * SECOND_MS;

/** Said of the limit where it was hit. */
export const UNKNOWN_KEY_LIMIT = `${UNKNOWN_KEY_BURST} at once, then one each ${UNKNOWN_KEY_INTERVAL_MS / SECOND_MS} s`;

/**
 * When a fetch of the realm's keys may begin. It knows what fetches came to, and makes none.
 *
 * `now` is in epoch milliseconds by the wall clock, because the timers of a Lambda function sleep with it. No wait grows
 * when that clock is set back.
 */
export interface FetchSchedule {
  /** Whether an old set may be fetched anew, while it is usable. */
  mayRefresh(now: number): boolean;
  /** In how many milliseconds a fetch may begin while there is no usable set; 0 means now. */
  retryIn(now: number): number;
  /** Takes one of the fetches for unknown key ids; false if none is left. */
  takeUnknownKey(now: number): boolean;
  succeeded(): void;
  failed(now: number): void;
}

/** @param random from 0 to less than 1. It spreads what many instances ask of a realm that is starting. */
export function createFetchSchedule(random: () => number): FetchSchedule {
  let failures = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let retryMs = 0;
  /** Until when the fetches taken so far use up the intervals. */
  let takenUntil = Number.NEGATIVE_INFINITY;

  function leftOf(pauseMs: number, now: number): number {
    return now < failedAt ? 0 : Math.max(0, failedAt + pauseMs - now);
  }

  return {
    mayRefresh: (now) => leftOf(REFRESH_PAUSE_MS, now) === 0,
    retryIn: (now) => leftOf(retryMs, now),
    takeUnknownKey(now) {
      const latest = now + UNKNOWN_KEY_BURST * UNKNOWN_KEY_INTERVAL_MS;
      takenUntil = Math.min(takenUntil, latest); // later only if the clock was set back
      const until = Math.max(takenUntil, now) + UNKNOWN_KEY_INTERVAL_MS;
      if (until > latest) return false;
      takenUntil = until;
      return true;
    },
    succeeded() {
      failures = 0;
      failedAt = Number.NEGATIVE_INFINITY;
    },
    failed(now) {
      const longest = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
      failures += 1;
      failedAt = now;
      retryMs = (longest * (1 + random())) / 2;
    },
  };
}
