import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from '../../src/deadline.ts';

const NOW_MS = 1_795_508_130_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

function later<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

describe('work with a deadline', () => {
  it('gives its value when it ends a millisecond before', async () => {
    const answer = withDeadline(NOW_MS + 100, Date.now, 'the table', () => later(99, 'done'));
    await vi.advanceTimersByTimeAsync(99);
    expect(await answer).toBe('done');
  });

  it('is a fault at the deadline, whether or not it listens, and is aborted with that fault', async () => {
    let signal: AbortSignal | undefined;
    const answer = withDeadline(NOW_MS + 100, Date.now, 'the table', (given) => {
      signal = given;
      return later(101, 'too late');
    });
    const refused = expect(answer).rejects.toMatchObject({
      name: 'Fault',
      reason: 'fault.deadline',
      message:
        "There was no answer from the table when the decision's time was up: 5000 ms, and never later than 300 ms " +
        "before the function's own time limit.",
    });
    await vi.advanceTimersByTimeAsync(99);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ name: 'Fault', reason: 'fault.deadline' });
  });

  it('is a fault of the deadline, not of the abort, when it listens', async () => {
    const answer = withDeadline(
      NOW_MS + 100,
      Date.now,
      'the table',
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted by the signal')))),
    );
    const refused = expect(answer).rejects.toMatchObject({ reason: 'fault.deadline' });
    await vi.advanceTimersByTimeAsync(100);
    await refused;
  });

  it.each([0, -1, -100_000])('is a fault at once when the deadline is %i ms away', async (milliseconds) => {
    const answer = withDeadline(NOW_MS + milliseconds, Date.now, 'the table', () => later(60_000, 'too late'));
    const refused = expect(answer).rejects.toMatchObject({ reason: 'fault.deadline' });
    await vi.advanceTimersByTimeAsync(0);
    await refused;
  });

  it('fails with its own error when it fails before', async () => {
    const error = new Error('connect ECONNREFUSED');
    await expect(withDeadline(NOW_MS + 100, Date.now, 'the table', () => Promise.reject(error))).rejects.toBe(error);
    await expect(
      withDeadline(NOW_MS + 100, Date.now, 'the table', () => {
        throw error;
      }),
    ).rejects.toBe(error);
  });

  it('that fails after the deadline is heard of no more', async () => {
    const answer = withDeadline(NOW_MS + 100, Date.now, 'the table', () =>
      later(200, undefined).then(() => Promise.reject(new Error('too late'))),
    );
    const refused = expect(answer).rejects.toMatchObject({ reason: 'fault.deadline' });
    await vi.advanceTimersByTimeAsync(100);
    await refused;
    await vi.advanceTimersByTimeAsync(200); // an unhandled rejection would fail this run
  });

  it('leaves no timer behind, and its signal alone, when it ends before', async () => {
    let signal: AbortSignal | undefined;
    await withDeadline(NOW_MS + 100, Date.now, 'the table', async (given) => {
      signal = given;
    });
    await expect(
      withDeadline(NOW_MS + 100, Date.now, 'the table', () => Promise.reject(new Error('x'))),
    ).rejects.toThrow('x');
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(signal?.aborted).toBe(false);
  });
});
