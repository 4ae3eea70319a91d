import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { fc } from '../support/properties.ts';
import { itemsIn } from '../support/usage.ts';
import { decisionsOf, disorder, expectedItems, recordInDisorder } from '../support/usage-disorder.ts';

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});
afterAll(() => embedded.stop());

it('comes to the same, in whatever order, doubled, cut and crashed, as counting each fact by itself', async () => {
  let crashes = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), disorder, async (seed, given) => {
      const keyIds = ['ada', 'bob', 'cy'].map((user) => createKeyId(user, randomBytes));
      const [decisions = []] = fc.sample(decisionsOf(keyIds), { numRuns: 1, seed });
      crashes += await recordInDisorder(embedded.usageTable, decisions, given);
      const found = (await Promise.all(keyIds.map((keyId) => itemsIn(embedded.usageTable, keyId)))).flat();
      const expected = expectedItems(decisions);
      expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey));
    }),
    { numRuns: 5 },
  );
  expect(crashes).toBeGreaterThan(0);
});

function byKey(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return `${a['pk']} ${a['sk']}` < `${b['pk']} ${b['sk']}` ? -1 : 1;
}
