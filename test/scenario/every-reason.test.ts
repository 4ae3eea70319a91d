import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DENIALS } from '../../src/decision.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('every reason code', () => {
  it('to refuse is of a family whose cases are complete', () => {
    const sources = readdirSync(new URL('.', import.meta.url)).map((name) => read(name));
    const tested = sources.flatMap((source) =>
      [...source.matchAll(/^ *testRefusals\(\s*'(\w+)'/gm)].map(([, it]) => it),
    );
    const families = new Set(Object.keys(DENIALS).map((reason) => reason.split('.')[0]));
    expect(tested.sort()).toEqual([...families].sort());
  });
});
