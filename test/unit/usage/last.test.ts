import { describe, expect, it } from 'vitest';
import type { Last } from '../../../src/table/usage.ts';
import { joinLast, MAX_BLOCKS } from '../../../src/usage/last.ts';
import { fc } from '../../support/properties.ts';

const moment = fc.integer({ min: 1, max: 3 });
const address = fc.constantFrom('192.0.2.0/24', '192.0.3.0/24', '2001:db8::/48');
const day = fc.integer({ min: 1, max: 4 }).map((number) => `2026-11-0${number}`);

/** What a single line, or many, may tell: few different values, so that there are ties. */
const last: fc.Arbitrary<Last> = fc
  .record({
    use: fc.option(
      fc.record({ firstUsedAt: moment, usedAt: moment, usedFrom: fc.option(address, { nil: undefined }) }),
      { nil: {} },
    ),
    refusal: fc.option(
      fc.record({
        refusedAt: moment,
        refusedFrom: fc.option(address, { nil: undefined }),
        refusedFor: fc.constantFrom('api_key.secret', 'api_key.replaced'),
      }),
      { nil: {} },
    ),
    rest: fc.record(
      {
        blocks: fc.dictionary(address, day, { maxKeys: 3 }),
        realRefusals: fc.record({
          hour: fc.constantFrom('2026-11-01T10', '2026-11-01T11'),
          minutes: fc
            .uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 4 })
            .map((all) => all.sort((a, b) => a - b)),
        }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ use, refusal, rest }) => joinLast({ ...use, ...refusal, ...rest }, {}));

describe('joining', () => {
  it('comes to the same in whatever order', () => {
    fc.assert(
      fc.property(last, last, (a, b) => {
        expect(joinLast(a, b)).toEqual(joinLast(b, a));
      }),
    );
  });

  it('comes to the same however it is grouped', () => {
    fc.assert(
      fc.property(last, last, last, (a, b, c) => {
        expect(joinLast(joinLast(a, b), c)).toEqual(joinLast(a, joinLast(b, c)));
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(last, last, (a, b) => {
        expect(joinLast(joinLast(a, b), b)).toEqual(joinLast(a, b));
        expect(joinLast(a, {})).toEqual(a);
      }),
    );
  });

  it('keeps the 100 blocks that were used last', () => {
    const block = (number: number) =>
      [`10.0.${number}.0/24`, `2026-${String(1 + Math.floor(number / 28)).padStart(2, '0')}-01`] as const;
    const all = Array.from({ length: 120 }, (_, number) => block(number));
    const joined = all.reduce<Last>((sum, one) => joinLast(sum, { blocks: Object.fromEntries([one]) }), {});
    const backwards = all.reduceRight<Last>((sum, one) => joinLast(sum, { blocks: Object.fromEntries([one]) }), {});
    expect(Object.keys(joined.blocks ?? {})).toHaveLength(MAX_BLOCKS);
    expect(joined).toEqual(backwards);
    expect(joined.blocks).not.toHaveProperty(['10.0.0.0/24']);
    expect(joined.blocks).toHaveProperty(['10.0.119.0/24']);
  });

  it('keeps the later day of a block, and what was told', () => {
    const [early, late] = [{ blocks: { x: '2026-11-01' } }, { blocks: { x: '2026-11-02' } }];
    expect(joinLast(late, early)).toEqual(late);
    expect(joinLast({ told: { new_block: '2026-11-01' } }, {})).toEqual({ told: { new_block: '2026-11-01' } });
  });
});
