import { vi } from 'vitest';
import type { MovedClock } from './moved-clock.ts';

const STEP_MS = 10;

// Taken before it is replaced.
const realSetTimeout = globalThis.setTimeout;

/**
 * Runs work whose timers and clock a test drives, until it is settled: ten milliseconds of theirs for one of ours, in
 * which the loopback can answer.
 */
export async function runWithFakeTimers<T>(clock: MovedClock, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  try {
    let isSettled = false;
    const settled = work().finally(() => {
      isSettled = true;
    });
    // Whoever awaits the result below sees its failure; until then it is not unhandled.
    settled.catch(() => undefined);
    while (!isSettled) {
      await new Promise((resolve) => realSetTimeout(resolve, 1));
      clock.advance(STEP_MS);
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return await settled;
  } finally {
    vi.useRealTimers();
  }
}
