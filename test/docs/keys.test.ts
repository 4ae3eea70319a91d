import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ROOT, readText } from './markdown.ts';

// Some twenty programs, one after the other.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

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
const folder = mkdtempSync(join(tmpdir(), 'gatepass-keys-'));
const MARK = '@@@ next step';
let gateway: ChildProcess | undefined;
let outputs: readonly string[] = [];

// A copy, so that nobody's .gatepass/ is touched: the programs keep it two levels above themselves.
beforeAll(async () => {
  for (const name of ['dist', 'events', 'gatepass', 'package.json', 'template.yaml']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...process.env, INIT_CWD: folder };

  gateway = spawn(process.execPath, ['dist/local/start.mjs', '--port', '0', '--ttl', '0'], { cwd: folder, env });
  const address = await addressOf(gateway);
  const script = ['exec 2>&1', ...steps.map(({ command }) => `${command}\necho '${MARK}'`)].join('\n');
  const { stdout } = await promisify(execFile)('sh', ['-uc', script.replaceAll('http://127.0.0.1:3000', address)], {
    cwd: folder,
    env,
  });
  outputs = stdout.split(`${MARK}\n`);
});

afterAll(() => {
  gateway?.kill();
  rmSync(folder, { recursive: true });
});

/** Waits for the address, and goes on reading: a gateway whose output nobody takes would end. */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stdout?.on('data', (chunk) => {
      text += chunk;
      const [, address] = /API\) at (http:\/\/127\.0\.0\.1:\d+)\//.exec(text) ?? [];
      if (address !== undefined && text.includes('Ctrl-C')) resolve(address);
    });
    stdout?.on('end', () => reject(new Error(`The local gateway ended. It said: ${text}`)));
  });
}

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
