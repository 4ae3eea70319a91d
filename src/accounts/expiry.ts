import { AdminError } from './admin-error.ts';
import { durationOf, momentOf } from './input.ts';

// ISO 8601: a day, or a moment with its offset from UTC.
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * The first second at which a key no longer works: after a duration, as `90d`, or at a date, as `2027-01-31` (the start
 * of that day in UTC) or `2027-01-31T12:00:00+01:00`.
 *
 * @param at epoch seconds: now.
 * @returns epoch seconds.
 * @throws AdminError `invalid_input`, of what is past too.
 */
export function expiryOf(value: string, at: number): number {
  const [date, year, month, day] = DATE.exec(value) ?? [];
  if (date === undefined && /^\d{4}-/.test(value)) {
    throw new AdminError(
      'invalid_input',
      `The date ${value} must be a day or have its time zone, as 2027-01-31T12:00Z.`,
    );
  }
  if (date === undefined && !/^\d+[smhdw]$/.test(value)) {
    throw new AdminError('invalid_input', `The expiry ${value} must be a duration, as 90d, or a date, as 2027-01-31.`);
  }
  if (date === undefined) return assertFuture(at + durationOf(value), at);
  const seconds = Math.floor(Date.parse(date) / 1000);
  // JavaScript takes 30 February for 2 March.
  const start = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (Number.isNaN(seconds) || start.getUTCDate() !== Number(day)) {
    throw new AdminError('invalid_input', `The date ${value} is a day or a time that there is not.`);
  }
  return assertFuture(seconds, at);
}

/** A key that never worked, or that ends by being changed, is no expiry: it is disabled or deleted. */
export function assertFuture(expiresAt: number, at: number): number {
  if (momentOf('expiry', expiresAt) > at) return expiresAt;
  throw new AdminError('invalid_input', 'The expiry must be in the future: to end a key now, disable or delete it.');
}
