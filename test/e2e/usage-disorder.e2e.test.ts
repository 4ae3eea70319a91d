import { randomBytes } from 'node:crypto';
import { beforeAll, expect, inject, test } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { fc } from '../support/properties.ts';
import { itemsIn } from '../support/usage.ts';
import { decisionsOf, disorder, expectedItems, recordInDisorder } from '../support/usage-disorder.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let usage: TestTable;

beforeAll(async () => {
  usage = await createTestTable(inject('dynamoDbEndpoint'), 'usage-disorder');
});

test('what eight recorders make of lines in any order, doubled, cut and crashed is what each fact counted by itself is', async () => {
  let crashes = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), disorder, async (seed, given) => {
      const keyIds = ['ada', 'bob', 'cy'].map((user) => createKeyId(user, randomBytes));
      const [decisions = []] = fc.sample(decisionsOf(keyIds), { numRuns: 1, seed });
      crashes += await recordInDisorder(usage, decisions, given);
      const found = (await Promise.all(keyIds.map((keyId) => itemsIn(usage, keyId)))).flat();
      expect(found.toSorted(byKey)).toEqual(expectedItems(decisions).toSorted(byKey));
    }),
    { numRuns: 25 },
  );
  expect(crashes).toBeGreaterThan(0);
}, 180_000);

function byKey(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return `${a['pk']} ${a['sk']}` < `${b['pk']} ${b['sk']}` ? -1 : 1;
}
