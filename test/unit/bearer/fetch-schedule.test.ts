import { describe, expect, it } from 'vitest';
import { createFetchSchedule } from '../../../src/bearer/fetch-schedule.ts';

const NOW = 1_795_508_130_000;
const SECOND = 1000;
const HOUR = 3600 * SECOND;

const LEAST = () => 0;
const MOST = () => 1 - Number.EPSILON;

describe('a fetch without a usable set', () => {
  it('may begin at once, before anything has failed and after all has gone well', () => {
    const schedule = createFetchSchedule(LEAST);
    expect(schedule.retryIn(NOW)).toBe(0);
    schedule.failed(NOW);
    schedule.succeeded();
    expect(schedule.retryIn(NOW)).toBe(0);
  });

  it.each([
    ['least', LEAST, [1000, 2000, 2500, 2500, 2500]],
    ['most', MOST, [2000, 4000, 5000, 5000, 5000]],
  ])('waits longer after each failure, 1 to 5 s, with the %s that chance gives', (_, random, waits) => {
    const schedule = createFetchSchedule(random);
    let now = NOW;
    for (const wait of waits) {
      schedule.failed(now);
      expect(schedule.retryIn(now)).toBeCloseTo(wait);
      expect(schedule.retryIn(now + wait - 1)).toBeCloseTo(1);
      expect(schedule.retryIn(now + wait)).toBe(0);
      now += wait;
    }
  });

  it('waits as little as at first once a fetch has succeeded', () => {
    const schedule = createFetchSchedule(LEAST);
    for (let failure = 0; failure < 5; failure++) schedule.failed(NOW);
    schedule.succeeded();
    schedule.failed(NOW);
    expect(schedule.retryIn(NOW)).toBe(1000);
  });

  it('is spread over the whole wait among instances that failed together', () => {
    const waits = [0, 0.25, 0.5, 0.75].map((chance) => {
      const schedule = createFetchSchedule(() => chance);
      schedule.failed(NOW);
      return schedule.retryIn(NOW);
    });
    expect(waits).toEqual([1000, 1250, 1500, 1750]);
  });

  it('may begin at once when the clock was set back', () => {
    const schedule = createFetchSchedule(LEAST);
    schedule.failed(NOW);
    expect(schedule.retryIn(NOW - HOUR)).toBe(0);
  });
});

describe('a refresh of a usable set', () => {
  it('may begin unless a fetch failed less than 30 s ago', () => {
    const schedule = createFetchSchedule(LEAST);
    expect(schedule.mayRefresh(NOW)).toBe(true);
    schedule.failed(NOW);
    expect(schedule.mayRefresh(NOW)).toBe(false);
    expect(schedule.mayRefresh(NOW + 30 * SECOND - 1)).toBe(false);
    expect(schedule.mayRefresh(NOW + 30 * SECOND)).toBe(true);
  });

  it('waits no longer however many have failed, nor when the clock was set back', () => {
    const schedule = createFetchSchedule(LEAST);
    for (let failure = 0; failure < 100; failure++) schedule.failed(NOW);
    expect(schedule.mayRefresh(NOW + 30 * SECOND)).toBe(true);
    expect(schedule.mayRefresh(NOW - 1)).toBe(true);
  });
});

describe('fetches for unknown keys', () => {
  /** How many are left at that moment. */
  function takeAll(schedule: ReturnType<typeof createFetchSchedule>, now: number): number {
    let taken = 0;
    while (taken < 100 && schedule.takeUnknownKey(now)) taken++;
    return taken;
  }

  it('are three at once', () => {
    expect(takeAll(createFetchSchedule(LEAST), NOW)).toBe(3);
  });

  it('are then one each ten seconds, and not a millisecond before', () => {
    const schedule = createFetchSchedule(LEAST);
    takeAll(schedule, NOW);
    for (let interval = 1; interval <= 5; interval++) {
      expect(takeAll(schedule, NOW + interval * 10 * SECOND - 1)).toBe(0);
      expect(takeAll(schedule, NOW + interval * 10 * SECOND)).toBe(1);
    }
  });

  it('are three again after half a minute without any, and never more', () => {
    const schedule = createFetchSchedule(LEAST);
    takeAll(schedule, NOW);
    expect(takeAll(schedule, NOW + 20 * SECOND)).toBe(2);
    expect(takeAll(schedule, NOW + 50 * SECOND)).toBe(3);
    expect(takeAll(schedule, NOW + 50 * SECOND + HOUR)).toBe(3);
  });

  it('are not used up by what was refused', () => {
    const schedule = createFetchSchedule(LEAST);
    takeAll(schedule, NOW);
    for (let time = 0; time < 1000; time++) schedule.takeUnknownKey(NOW + time);
    expect(takeAll(schedule, NOW + 10 * SECOND)).toBe(1);
  });

  it.each([1, 5 * SECOND, 24 * HOUR])(
    'are one each ten seconds, no more and no less, when the clock was set back by %i ms',
    (back) => {
      const schedule = createFetchSchedule(LEAST);
      takeAll(schedule, NOW);
      const now = NOW - back;
      expect(takeAll(schedule, now)).toBe(0);
      expect(takeAll(schedule, now + 10 * SECOND - 1)).toBe(0);
      expect(takeAll(schedule, now + 10 * SECOND)).toBe(1);
      expect(takeAll(schedule, now + 10 * SECOND)).toBe(0);
    },
  );

  it('do not depend on how others went', () => {
    const schedule = createFetchSchedule(LEAST);
    schedule.failed(NOW);
    expect(takeAll(schedule, NOW)).toBe(3);
    schedule.succeeded();
    expect(takeAll(schedule, NOW)).toBe(0);
  });
});
