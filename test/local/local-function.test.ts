import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { type LocalFunction, startLocalFunction } from '../../src/local/local-function.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatepass-function-'));

let instance: LocalFunction;

/** A bundle that does as the event says. */
const BUNDLE = `
let count = 0;
export async function handler({ then }) {
  if (then === 'hang') await new Promise(() => {});
  if (then === 'end') process.exit(1);
  if (then === 'crash') setTimeout(() => { throw new Error('on its own'); });
  if (then === 'crash') await new Promise(() => {});
  return { count: ++count };
}`;

beforeEach(async () => {
  const bundle = join(folder, 'bundle.mjs');
  writeFileSync(bundle, BUNDLE);
  instance = await startLocalFunction({}, { bundle, timeoutMs: 1500 });
});

afterEach(() => instance.stop());
afterAll(() => rmSync(folder, { recursive: true }));

it('answers events one after the other, by one instance', async () => {
  const answers = await Promise.all([instance.invoke({}), instance.invoke({}), instance.invoke({})]);
  expect(answers).toMatchObject([{ result: { count: 1 } }, { result: { count: 2 } }, { result: { count: 3 } }]);
});

it.each([
  ['takes too long', 'hang', { name: 'Sandbox.Timedout', message: 'Task timed out after 1.5 seconds' }],
  ['ends', 'end', { name: 'Sandbox.Timedout' }],
  ['crashes', 'crash', { name: 'Runtime.ExitError', message: 'Error: on its own' }],
])('gives an error where an instance %s, as Lambda does, and the next event to a new one', async (_, then, error) => {
  const answers = await Promise.all([instance.invoke({}), instance.invoke({ then }), instance.invoke({})]);
  expect(answers).toMatchObject([{ result: { count: 1 } }, { error }, { result: { count: 1 } }]);
});
