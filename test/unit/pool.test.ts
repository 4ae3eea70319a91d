import { describe, expect, it } from 'vitest';
import { forEachOf } from '../../src/pool.ts';

const pause = () => new Promise((resolve) => setImmediate(resolve));

describe('work on many items', () => {
  it('is done for each once, never for more than so many at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachOf(Array.from({ length: 20 }).keys(), 4, async (item) => {
      running++;
      most = Math.max(most, running);
      await pause();
      running--;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual([...Array.from({ length: 20 }).keys()]);
    expect(most).toBe(4);
  });

  it('ends at the first failure: nothing new is begun, what is in hand is finished, the source is closed', async () => {
    const begun: number[] = [];
    const finished: number[] = [];
    let isClosed = false;
    async function* source() {
      try {
        yield* [1, 2, 3, 4, 5, 6];
      } finally {
        isClosed = true;
      }
    }
    const work = forEachOf(source(), 2, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
      await pause();
      await pause();
      finished.push(item);
    });
    await expect(work).rejects.toThrow('two');
    expect(begun).toEqual(expect.arrayContaining([1, 2]));
    expect(begun).not.toContain(5);
    expect(finished).toEqual(begun.filter((item) => item !== 2));
    expect(isClosed).toBe(true);
  });

  it('fails as its source fails', async () => {
    async function* source() {
      yield 1;
      throw new Error('the source');
    }
    await expect(forEachOf(source(), 3, async () => undefined)).rejects.toThrow('the source');
  });
});
