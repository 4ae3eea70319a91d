import { beforeAll, expect, it } from 'vitest';
import type { Target } from '../../../infra/check/targets/target.ts';
import type { JsonObject } from '../../../src/local/gateway/json.ts';

/** A target as it is. */
export function describeTarget(name: string, target: Target): void {
  let document: JsonObject = {};

  beforeAll(async () => {
    document = await target.load();
  });

  it(`${name} has no fault`, async () => {
    const findings = [];
    for await (const finding of target.check(document, true)) findings.push(finding);
    expect(findings).toEqual([]);
  });
}
