import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const bench = (...args: string[]) => spawnSync(process.execPath, ['bench/run.mjs', ...args], { encoding: 'utf8' });

it('npm run bench -- --help says what there is, with an example', () => {
  const { status, stdout } = bench('--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: npm run bench/);
  expect(stdout).toContain('For example: npm run bench -- --only cold');
});

it.each([
  ['--only hot', '--only hot: expected cold, warm or growth'],
  ['--rounds 0', '--rounds 0: expected a whole number from 1'],
  ['--keys many', '--keys many: expected a whole number from 1'],
  ['--fast', "Unknown option '--fast'"],
])('%s is wrong usage, and measures nothing', (args, problem) => {
  const { status, stdout, stderr } = bench(...args.split(' '));
  expect(status).toBe(2);
  expect(stderr).toContain(problem);
  expect(stdout).toBe('');
});
