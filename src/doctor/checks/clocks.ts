import { ok, problem, skipped, type Verdict, warning } from '../check.ts';

/** The clock that a server's answer shows, and ours about it, in epoch milliseconds. */
export interface ShownClock {
  /** Its `Date` header (RFC 9110, section 6.6.1): whole seconds. */
  readonly date: string | undefined;
  /** Its `Age` header (RFC 9111, section 5.1), if a cache answered. */
  readonly age?: string | undefined;
  readonly sentAt: number;
  readonly answeredAt: number;
}

const WARN_ABOVE_MS = 5000;
/** The skew that the authorizer allows a token (src/bearer/claims.ts). */
export const ALLOWED_SKEW_MS = 30_000;

/**
 * Compares clocks by the least that they must be apart: a slow answer can't make one wrong.
 *
 * @param whose as "The realm's".
 */
export function checkClock(whose: string, clock: ShownClock, todo: string): Verdict {
  if (clock.date === undefined) return skipped('The answer had no Date header.');
  if (clock.age !== undefined && clock.age !== '0') return skipped('A cache answered, so the Date header is old.');
  const shown = Date.parse(clock.date);
  if (Number.isNaN(shown)) return skipped('The Date header of the answer is not a date.');
  const ahead = shown - clock.answeredAt;
  const behind = clock.sentAt - (shown + 999);
  const apart = Math.max(ahead, behind, 0);
  if (apart <= WARN_ABOVE_MS) return ok(`${whose} clock agrees with ours.`);
  const found = `${whose} clock is ${Math.round(apart / 1000)} s ${ahead > 0 ? 'ahead of' : 'behind'} ours; a token may be off by 30 s.`;
  return apart >= ALLOWED_SKEW_MS ? problem(found, todo) : warning(found, todo);
}
