import { expect, it } from 'vitest';
import { loadOnce } from '../../../src/authorizer/load-once.ts';

it('loads when first asked, and once for all who ask', async () => {
  let loads = 0;
  const load = loadOnce(async () => ++loads);
  expect(loads).toBe(0);
  expect(await Promise.all([load(), load()])).toEqual([1, 1]);
  expect(await load()).toBe(1);
});

it('keeps no failure: all who wait get it, and the next call loads again', async () => {
  let loads = 0;
  const load = loadOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error('EMFILE');
    return loads;
  });
  const failed = { reason: expect.objectContaining({ message: 'EMFILE' }) };
  expect(await Promise.allSettled([load(), load()])).toMatchObject([failed, failed]);
  expect(await load()).toBe(2);
});
