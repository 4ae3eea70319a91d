import { AdminError } from './admin-error.ts';
import { durationOf, momentOf } from './input.ts';
import { readIsoDate } from './iso-date.ts';

/**
 * The first second at which a key no longer works: after a duration, as `90d`, or at a date, as `2027-01-31` (the start
 * of that day in UTC) or `2027-01-31T12:00:00+01:00`.
 *
 * @param at epoch seconds: now.
 * @returns epoch seconds.
 * @throws AdminError `invalid_input`, of what is past too.
 */
export function expiryOf(value: string, at: number): number {
  if (/^\d+[smhdw]$/.test(value)) return assertFuture(at + durationOf(value), at);
  const seconds = readIsoDate(value);
  if (typeof seconds === 'number') return assertFuture(seconds, at);
  throw new AdminError('invalid_input', NO_EXPIRY[seconds](value));
}

const NO_EXPIRY = {
  other: (value: string) => `The expiry ${value} must be a duration, as 90d, or a date, as 2027-01-31.`,
  no_zone: (value: string) => `The date ${value} must be a day or have its time zone, as 2027-01-31T12:00Z.`,
  not_there: (value: string) => `The date ${value} is a day or a time that there is not.`,
} as const;

/** A key that never worked, or that ends by being changed, is no expiry: it is disabled or deleted. */
export function assertFuture(expiresAt: number, at: number): number {
  if (momentOf('expiry', expiresAt) > at) return expiresAt;
  throw new AdminError('invalid_input', 'The expiry must be in the future: to end a key now, disable or delete it.');
}
