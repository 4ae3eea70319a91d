import { expect, it } from 'vitest';
import { ASSERTIONS } from './support/mistakes.ts';
import { LINTED_MISTAKES, MISTAKES } from './support/mistakes-by-target.ts';

it('each assertion has a broken copy that is meant for it', () => {
  const mistakes = [...Object.values(MISTAKES), ...Object.values(LINTED_MISTAKES)].flat();
  const meantFor = new Set<string>(mistakes.map(([, assertion]) => assertion));
  expect([...meantFor].sort()).toEqual(Object.keys(ASSERTIONS).sort());
});
