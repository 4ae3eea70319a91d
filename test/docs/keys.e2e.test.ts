import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCheckout } from '../support/checkout.ts';
import { readText } from './markdown.ts';

// Some twenty programs, one after the other.
vi.setConfig({ hookTimeout: 600_000 });

interface Step {
  readonly command: string;
  /** What the page shows of its output, if it does. */
  readonly shown: string | undefined;
}

/** The commands of the page, each with the output that stands below it. */
function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(
    ([, command = '', shown]) => ({ command, shown }),
  );
}

/** Ids, keys and times differ from run to run, and widths with them. */
function normalised(text: string): string {
  return text
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
    .replace(/\b[0-9A-Za-z]{28}\b/g, 'KEY_ID')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A `…` stands for anything. */
function patternOf(shown: string): RegExp {
  const parts = normalised(shown).split(/\s*…\s*/);
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`);
}

const steps = stepsOf(readText('docs/keys.md'));
const checkout = createCheckout();
const MARK = '@@@ next step';
let outputs: readonly string[] = [];

beforeAll(async () => {
  const { base } = await checkout.startGateway('--ttl', '0');
  const script = ['exec 2>&1', ...steps.map(({ command }) => `${command}\necho '${MARK}'`)].join('\n');
  const { stdout } = await promisify(execFile)('sh', ['-uc', script.replaceAll('http://127.0.0.1:3000/prod', base)], {
    cwd: checkout.folder,
    env: checkout.env,
  });
  outputs = stdout.split(`${MARK}\n`);
});

afterAll(checkout.remove);

describe('docs/keys.md, from its first command to its last', () => {
  it('has commands, most of them with their output', () => {
    expect(steps.length).toBeGreaterThan(12);
    expect(steps.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(12);
  });

  it.each(steps.map(({ command, shown }, index) => [command.trim().split('\n').at(-1), shown, index] as const))(
    '%s',
    (_last, shown, index) => {
      if (shown === undefined) expect(outputs[index]).toBe('');
      else expect(normalised(outputs[index] ?? 'nothing')).toMatch(patternOf(shown));
    },
  );
});
