import type { Clock } from '../decision.ts';

const MINUTE_MS = 60_000;

/**
 * Bounds what refusals cost. Whoever knows ids of keys can have them refused for a wrong secret as often as they like,
 * and must not use up what is there for the refusals of real secrets.
 */
export function createCeiling(now: Clock, perMinute: number) {
  let minute = 0;
  let admitted = { proven: 0, unproven: 0 };
  return {
    admit(isProven: boolean): boolean {
      const current = Math.floor(now() / MINUTE_MS);
      if (current !== minute) {
        minute = current;
        admitted = { proven: 0, unproven: 0 };
      }
      const kind = isProven ? 'proven' : 'unproven';
      if (admitted[kind] >= perMinute) return false;
      admitted[kind]++;
      return true;
    },
  };
}
