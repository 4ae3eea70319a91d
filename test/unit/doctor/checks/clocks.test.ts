import { describe, expect, it } from 'vitest';
import { endOf } from '../../../../src/bearer/claims.ts';
import { ALLOWED_SKEW_MS, checkClock } from '../../../../src/doctor/checks/clocks.ts';

const NOW = Date.parse('2026-11-24T08:15:30Z');

/** The verdict on a clock that shows this many seconds more than ours, to a request that took no time. */
function check(seconds: number, change: object = {}) {
  const date = new Date(NOW + seconds * 1000).toUTCString();
  return checkClock('Its', { date, sentAt: NOW, answeredAt: NOW, ...change }, 'Set it.');
}

describe('a clock', () => {
  it.each([0, 5, -5])('is good %d s off', (seconds) => {
    expect(check(seconds).severity).toBe('ok');
  });

  it.each([6, -7, 29])('is worth a warning %d s off', (seconds) => {
    expect(check(seconds)).toMatchObject({ severity: 'warning', todo: 'Set it.' });
  });

  it.each([30, -31])('is a problem %d s off, when tokens are refused for it', (seconds) => {
    expect(check(seconds).severity).toBe('problem');
  });

  it('says by how much it is off, and which way', () => {
    expect(check(40).found).toContain('40 s ahead of ours');
    expect(check(-41).found).toContain('40 s behind ours');
  });

  it('is not taken for wrong because its answer took long', () => {
    expect(check(-8, { answeredAt: NOW + 10_000, sentAt: NOW - 10_000 }).severity).toBe('ok');
    expect(check(8, { answeredAt: NOW + 10_000 }).severity).toBe('ok');
  });

  it('is not judged by a date that a cache has kept', () => {
    expect(check(-40, { age: '40' })).toMatchObject({ severity: 'skipped', found: expect.stringContaining('cache') });
    expect(check(-40, { age: '0' }).severity).toBe('problem');
  });

  it.each([undefined, 'yesterday'])('is not judged by the date %s', (date) => {
    expect(check(0, { date }).severity).toBe('skipped');
  });

  it('may be off by what the authorizer allows a token', () => {
    expect(ALLOWED_SKEW_MS).toBe(endOf(0) * 1000);
  });
});
