import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { createCheckout } from '../support/checkout.ts';
import { caseOf } from '../support/events.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { codeBlocks, PAGES, readText, section, tableRows } from './markdown.ts';

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

  it.each(found(/\bgatepass ((?:users|keys) [a-z-]+)/g))('gatepass %s is there', (name) => {
    const help = helpOf(...name.split(' '));
    expect(help).toContain(`Usage: gatepass ${name}`);
    const used = texts.filter((text) => text.includes(`gatepass ${name}`)).flatMap((text) => optionsOf(text, name));
    for (const option of used) expect(help).toContain(option);
  });

  it.each(found(/\bgatepass ((?!users\b|keys\b)[a-z]+)\b(?=[^.:]|$)/g))('gatepass %s is there', (name) => {
    const help = helpOf(name);
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
      return name === undefined ? [] : [{ name, parts: [...does.matchAll(/`([\w-]+)`/g)].map(([, part]) => part) }];
    });
    const present = commandsIn(helpOf()).map((name) => ({
      name,
      // A command that does its work by itself has none.
      parts: commandsIn(helpOf(name)),
    }));
    expect(documented.sort(byName)).toEqual(present.sort(byName));
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name);
}

/** The help of a command, or of all; nothing, if there is no such command. */
function helpOf(...names: readonly string[]): string {
  let command: Command | undefined = createProgram(recordOutput(), (text) => text);
  for (const name of names) command = command?.commands.find((one) => one.name() === name);
  return command?.helpInformation() ?? '';
}

function commandsIn(help: string): readonly string[] {
  const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(`${help}\n\n`) ?? [];
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

/** The options given to a command, up to the end of its line or of a `$(…)`. */
function optionsOf(text: string, name: string): readonly string[] {
  const [, rest = ''] = text.split(`gatepass ${name}`);
  return (/^[^\n)]*/.exec(rest)?.[0] ?? '').match(/--[a-z-]+/g) ?? [];
}

describe('what the README has you do', () => {
  const { folder, env, startGateway, remove } = createCheckout();

  afterAll(remove);

  it('makes a user and a key, and runs an event with it', () => {
    const script = codeBlocks(section(README, '## Commands'), 'sh').join('\n');
    const output = execFileSync('sh', ['-euc', script], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
    expect(output).toContain('"userId": "my-user"');
    expect(output).toContain('"reason": "api_key.valid"');
  });

  it('gets the answers that it shows from the local gateway', async () => {
    const { base, key, token } = await startGateway();
    const ask = (authorization?: string) =>
      fetch(`${base}/api/v1/whoami`, authorization === undefined ? {} : { headers: { authorization } });
    const [forKey, forToken, forNone] = codeBlocks(README, 'json').map((sample) => JSON.parse(sample));

    const [byKey, byToken, byNone] = [await ask(key), await ask(`Bearer ${token}`), await ask()];
    expect([byKey.status, byToken.status, byNone.status]).toEqual([200, 200, 401]);
    expect(forKey).toMatchObject({ ...(await json(byKey)), apiKeyId: forKey.apiKeyId });
    expect(forToken).toMatchObject(await json(byToken));
    expect(await json(byNone)).toEqual(forNone);
  });
});

async function json(response: Response): Promise<Record<string, unknown>> {
  return JSON.parse(await response.text());
}

describe('the output that the README shows', () => {
  const rows = codeBlocks(README, 'text').join('\n').trim().split('\n').slice(1);

  it.each(rows)('%s', (row) => {
    const [name, decision, reason] = row.split(/ {2,}/);
    const expected = caseOf(name ?? '');
    expect([decision, reason]).toEqual([expected.outcome, expected.reason]);
  });
});
