import type { Clock } from '../../src/decision.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A wall clock that stands still until a test moves it. */
export interface MovedClock {
  readonly now: Clock;
  /** The time in whole epoch seconds, as tokens and items hold it. */
  seconds(): number;
  /** Goes on by so many milliseconds, as it would while a Lambda sleeps: no timer runs. */
  advance(milliseconds: number): void;
  /** Jumps to a moment, in epoch milliseconds. */
  moveTo(moment: number): void;
}

export function createMovedClock(start = Date.parse('2026-11-24T08:15:30Z')): MovedClock {
  let time = start;
  return {
    now: () => time,
    seconds: () => Math.floor(time / SECOND),
    advance: (milliseconds) => {
      time += milliseconds;
    },
    moveTo: (moment) => {
      time = moment;
    },
  };
}
