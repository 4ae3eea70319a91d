import { beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../../infra/check/targets/target.ts';
import type { JsonObject } from '../../../src/local/gateway/json.ts';
import type { Mistake } from './mistakes.ts';

/** A target as it is, and copies of it, broken in each way that its check should notice. */
export function describeTarget(
  name: string,
  target: Target,
  mistakes: readonly Mistake[],
  lintedMistakes: readonly Mistake[] = [],
): void {
  let document: JsonObject = {};

  beforeAll(async () => {
    document = await target.load();
  });

  it(`${name} has no fault`, async () => {
    const findings = [];
    for await (const finding of target.check(document, true)) findings.push(finding);
    expect(findings).toEqual([]);
  });

  describe(`${name} with a fault is found out:`, () => {
    it.each(mistakes)('%s (%s)', (_, assertion, edit) => expectFinding(assertion, edit, false));
    if (lintedMistakes.length > 0) {
      it.each(lintedMistakes)('%s (%s)', (_, assertion, edit) => expectFinding(assertion, edit, true));
    }
  });

  async function expectFinding(wanted: string, edit: Mistake[2], isLinted: boolean): Promise<void> {
    const broken = structuredClone(document);
    edit(broken);
    const told: string[] = [];
    for await (const { assertion } of target.check(broken, isLinted)) {
      told.push(assertion);
      if (assertion === wanted) break;
    }
    expect(told).toContain(wanted);
  }
}
