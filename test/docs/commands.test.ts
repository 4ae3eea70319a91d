import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { caseOf } from '../support/events.ts';
import { codeBlocks, PAGES, ROOT, readText, section, tableRows } from './markdown.ts';

// Most of these start a program, and a busy machine is slow at that.
vi.setConfig({ testTimeout: 30_000 });

const README = readText('README.md');
const { scripts } = JSON.parse(readText('package.json'));

/** Commands as they stand in the pages: in blocks and between backticks. */
const texts = PAGES.flatMap((page) => {
  const text = readText(page);
  return [...codeBlocks(text, 'sh'), ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)];
});

function found(pattern: RegExp): readonly string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)))];
}

describe('the commands in the pages', () => {
  it.each(found(/\bnpm run (?:--silent )?([\w:]+)/g))('npm run %s is there', (name) => {
    expect(scripts).toHaveProperty([name]);
  });

  it.each(found(/\bnpm (start|test)\b/g))('npm %s is there', (name) => {
    expect(scripts).toHaveProperty([name]);
  });

  it.each(found(/\bgatepass ((?:users|keys) [a-z]+)/g))('gatepass %s is there', (name) => {
    const help = gatepass(...name.split(' '), '--help');
    expect(help).toContain(`Usage: gatepass ${name}`);
    const used = texts.filter((text) => text.includes(`gatepass ${name}`)).flatMap((text) => optionsOf(text, name));
    for (const option of used) expect(help).toContain(option);
  });

  it.each(found(/\bgatepass ((?!users\b|keys\b)[a-z]+)\b(?=[^.:]|$)/g))('gatepass %s is there', (name) => {
    const help = gatepass(name, '--help');
    expect(help).toContain(`Usage: gatepass ${name}`);
    const used = texts.filter((text) => text.includes(`gatepass ${name}`)).flatMap((text) => optionsOf(text, name));
    for (const option of used) expect(help).toContain(option);
  });

  it('print JSON alone, without the banner of npm', () => {
    const withBanner = texts.flatMap((text) => text.match(/npm run (?!--silent )[^\n|;&]*--json/g) ?? []);
    expect(withBanner).toEqual([]);
  });

  it('are all the commands that there are', () => {
    const documented = tableRows(section(README, '## Commands')).flatMap(({ command = '', does = '' }) => {
      const [, name] = /^\.\/gatepass (\w+)$/.exec(command) ?? [];
      return name === undefined ? [] : [{ name, parts: [...does.matchAll(/`(\w+)`/g)].map(([, part]) => part) }];
    });
    const present = commandsIn(gatepass('--help')).map((name) => ({
      name,
      // A command that does its work by itself has none.
      parts: commandsIn(gatepass(name, '--help')),
    }));
    expect(documented.sort(byName)).toEqual(present.sort(byName));
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name);
}

function gatepass(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(ROOT, 'dist/cli/index.mjs'), ...args], { encoding: 'utf8' });
}

function commandsIn(help: string): readonly string[] {
  const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(`${help}\n\n`) ?? [];
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

/** The options given to a command, up to the end of its line or of a `$(…)`. */
function optionsOf(text: string, name: string): readonly string[] {
  const [, rest = ''] = text.split(`gatepass ${name}`);
  return (/^[^\n)]*/.exec(rest)?.[0] ?? '').match(/--[a-z-]+/g) ?? [];
}

describe('what the README has you do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-readme-'));
  let gateway: ChildProcess | undefined;

  // A copy, so that nobody's .gatepass/ is touched: the programs keep it two levels above themselves.
  beforeAll(() => {
    for (const name of ['dist', 'events', 'gatepass', 'package.json', 'template.yaml']) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => {
    gateway?.kill();
    rmSync(folder, { recursive: true });
  });

  const env = { ...process.env, INIT_CWD: folder };

  it('makes a user and a key, and runs an event with it', () => {
    const script = codeBlocks(section(README, '## Commands'), 'sh').join('\n');
    const output = execFileSync('sh', ['-euc', script], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
    expect(output).toContain('"userId": "my-user"');
    expect(output).toContain('"reason": "api_key.valid"');
  });

  it('gets the answers that it shows from the local gateway', async () => {
    gateway = spawn(process.execPath, ['dist/local/start.mjs', '--port', '0'], { cwd: folder, env, stdio: 'pipe' });
    const greeting = await greetingOf(gateway);
    const ask = (authorization?: string) =>
      fetch(`${greeting.base}/api/v1/whoami`, authorization === undefined ? {} : { headers: { authorization } });
    const [forKey, forToken, forNone] = codeBlocks(README, 'json').map((sample) => JSON.parse(sample));

    const [byKey, byToken, byNone] = [await ask(greeting.key), await ask(`Bearer ${greeting.token}`), await ask()];
    expect([byKey.status, byToken.status, byNone.status]).toEqual([200, 200, 401]);
    expect(forKey).toMatchObject({ ...(await json(byKey)), apiKeyId: forKey.apiKeyId });
    expect(forToken).toMatchObject(await json(byToken));
    expect(await json(byNone)).toEqual(forNone);
  });
});

async function json(response: Response): Promise<Record<string, unknown>> {
  return JSON.parse(await response.text());
}

interface Greeting {
  readonly base: string;
  readonly key: string;
  readonly token: string;
}

/** Waits for the whole greeting, and goes on reading: a gateway whose output nobody takes would end. */
function greetingOf({ stdout }: ChildProcess): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    let text = '';
    stdout?.on('data', (chunk) => {
      text += chunk;
      const [, base] = /API\) at (\S+);/.exec(text) ?? [];
      const [, key] = /^KEY=(\S+)$/m.exec(text) ?? [];
      const [, token] = /^TOKEN=(\S+)$/m.exec(text) ?? [];
      if (base && key && token && text.includes('Ctrl-C')) resolve({ base, key, token });
    });
    stdout?.on('end', () => reject(new Error(`The local gateway ended. It said: ${text}`)));
  });
}

describe('the output that the README shows', () => {
  const rows = codeBlocks(README, 'text').join('\n').trim().split('\n').slice(1);

  it.each(rows)('%s', (row) => {
    const [name, decision, reason] = row.split(/ {2,}/);
    const expected = caseOf(name ?? '');
    expect([decision, reason]).toEqual([expected.outcome, expected.reason]);
  });
});
