import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../../src/accounts/expiry.ts';

const NOW = 1_800_000_000; // 2027-01-15T08:00:00Z

describe('an expiry', () => {
  it.each([
    ['1s', NOW + 1],
    ['90d', NOW + 90 * 86_400],
    ['2027-01-16', 1_800_057_600],
    ['2028-02-29', 1_835_395_200],
    ['2027-01-15T08:00:01Z', NOW + 1],
    ['2027-01-15T09:30:00+01:00', NOW + 1800],
    ['2027-01-15T08:30Z', NOW + 1800],
    ['2027-01-31 12:00Z', 1_801_396_800],
  ])('is a duration from now or a date: %s', (value, seconds) => {
    expect(expiryOf(value, NOW)).toBe(seconds);
  });

  it.each([
    ['2027-01-15', /in the future/],
    ['2027-01-15T08:00:00Z', /in the future/],
    ['2027-02-29', /there is not/],
    ['2027-13-01', /there is not/],
    ['2027-01-31T25:00Z', /there is not/],
    ['2027-01-31T12:00', /its time zone/],
    ['2027-01-31 12:00', /its time zone/],
    ['0d', /duration/],
    ['tomorrow', /a duration, as 90d, or a date, as 2027-01-31/],
    ['1800000001', /a duration, as 90d, or a date/],
    ['', /a duration/],
    ['999999999w', /before the year 10000/],
  ])('is not %s', (value, why) => {
    expect(() => expiryOf(value, NOW)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => expiryOf(value, NOW)).toThrow(why);
  });
});
