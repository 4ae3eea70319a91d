import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COLUMNS } from '../../src/accounts/import/columns.ts';
import { explainError } from '../../src/cli/explain-error.ts';
import { createProgram, redactFor } from '../../src/cli/program.ts';
import { accountLocator, createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, LOCAL_AWS, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { redacting } from '../../src/terminal/output.ts';
import { runProgram } from '../../src/terminal/program.ts';
import { fixedBytes } from '../support/fixed-bytes.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { leaksOf } from '../support/secrets.ts';

const randomBytes = fixedBytes('no credential shown');

const keyId = createKeyId('user-42', randomBytes);
const key = createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes);
const jwtParts = [{ alg: 'RS256' }, { sub: 'user-42' }].map((part) =>
  Buffer.from(JSON.stringify(part)).toString('base64url'),
);

/** Credentials of each kind, and what of each must not be shown. */
const CREDENTIALS = [
  { kind: 'a key', value: key, secret: key.slice(-49) },
  { kind: 'a token', value: [...jwtParts, randomBytes(64).toString('base64url')].join('.'), secret: jwtParts[1] ?? '' },
  { kind: 'an imported key', value: `sk_${randomBytes(24).toString('hex')}`, secret: '' },
].map(({ kind, value, secret }) => ({ kind, value, secret: secret || value.slice(6) }));

const ENV = { GATEPASS_IMPORTED_PREFIXES: 'ch_,sk_' };

let embedded: EmbeddedTable;
let folder: string;

beforeAll(async () => {
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  folder = mkdtempSync(join(tmpdir(), 'gatepass-no-credential-'));
  embedded = await startEmbeddedTable();
});

afterEach(() => {
  process.exitCode = undefined;
  process.removeAllListeners('SIGINT');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await embedded.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a command line as the built program does, in this process. */
async function gatepass(args: readonly string[], env: Readonly<Record<string, string>> = ENV) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const recorded = recordOutput();
  const redact = redactFor(args, process.env);
  const output = redacting(recorded.out, recorded.err, redact);
  const status = await runProgram(createProgram(output, redact), args, output, explainError);
  for (const name of Object.keys(env)) vi.stubEnv(name, undefined);
  return { status: status || process.exitCode, written: recorded.everything() };
}

function expectNotShown(written: string): void {
  for (const { kind, secret } of CREDENTIALS) {
    expect(leaksOf(secret, [written]), `a part of ${kind} is shown in: ${written}`).toEqual([]);
  }
}

function leavesOf(
  command: Command,
  path: readonly string[] = [],
): readonly { path: readonly string[]; command: Command }[] {
  const leaves = command.commands.filter((child) => child.name() !== 'help');
  if (leaves.length === 0) return [{ path, command }];
  return leaves.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

/** Each place of a command line that takes a value, in each command: the words of the line around it. */
const PLACES = leavesOf(createProgram(recordOutput(), (text) => text)).flatMap(({ path, command }) => {
  const options = command.options.filter((option) => option.required);
  const needed = (but?: string) =>
    options
      .filter((option) => option.mandatory && option.long !== but && option.defaultValue === undefined)
      .flatMap((option) => [option.long ?? '', 'x']);
  const args = (value?: string, at?: number) =>
    command.registeredArguments.map((_, index) => (index === at ? (value ?? 'x') : 'x'));
  return [
    ...command.registeredArguments.map((argument, index) => ({
      place: `${path.join(' ')} <${argument.name()}>`,
      line: (value: string) => [...path, ...args(value, index), ...needed()],
    })),
    ...options.map(({ long }) => ({
      place: `${path.join(' ')} ${long}`,
      line: (value: string) => [...path, ...args(), ...needed(long), `${long}=${value}`],
    })),
    { place: `${path.join(' ')}, an argument too many`, line: (value: string) => [...path, ...args(), value] },
    { place: `${path.join(' ')}, an unknown option`, line: (value: string) => [...path, `--${value}`] },
  ];
});

describe('a credential on the command line is refused as wrong usage, and not shown', () => {
  it('has places to be tried in', () => {
    expect(PLACES.length).toBeGreaterThan(100);
  });

  it.each(PLACES)('$place', async ({ line }) => {
    for (const { value } of CREDENTIALS) {
      for (const text of [value, `Bearer ${value}`, `"${value}"`]) {
        const { status, written } = await gatepass(line(text));
        expectNotShown(written);
        expect(status).toBe(2);
      }
    }
  });

  it('as the name of a command', async () => {
    for (const { value } of CREDENTIALS) {
      for (const line of [[value], ['keys', value], ['users', 'show', value, '--help']])
        expectNotShown((await gatepass(line)).written);
    }
  });

  it('in a variable that stands for an option, which the message names', async () => {
    const variables = [
      'GATEPASS_TABLE',
      'GATEPASS_ISSUER',
      'GATEPASS_AUDIENCE',
      'GATEPASS_KEY_PREFIX',
      'GATEPASS_ENVIRONMENT',
    ];
    for (const variable of variables) {
      const { status, written } = await gatepass(['explain'], { ...ENV, [variable]: key });
      expect(written).toContain(variable);
      expectNotShown(written);
      expect(status).toBe(2);
    }
  });

  it('says how to give one instead', async () => {
    const { written } = await gatepass(['keys', 'find', key]);
    expect(written).toMatch(
      /^gatepass: The argument text holds a key, a token or a password, which is not shown here\./,
    );
    expect(written).toContain('"gatepass keys find" and "gatepass explain" read one from standard input.');
  });
});

describe('a credential in a file to import is refused, by line, and not shown', () => {
  const others = COLUMNS.filter((column) => column !== 'key' && column !== 'userId');

  it.each(['userId', ...others] as const)('in the column %s', async (column) => {
    for (const { value } of CREDENTIALS) {
      const good = { userId: 'user-7', key: `sk_${randomBytes(24).toString('hex')}` };
      const row = { ...(column === 'keyHash' ? { userId: 'user-7' } : good), [column]: value };
      writeFileSync(join(folder, 'a.csv'), `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`);
      writeFileSync(join(folder, 'a.jsonl'), JSON.stringify(row));
      for (const file of ['a.csv', 'a.jsonl']) {
        const { status, written } = await gatepass(['import', join(folder, file), '--json', ...onTable()]);
        expectNotShown(written);
        expect(written).toMatch(/"refused": 1\b/);
        expect(status).toBe(1);
      }
    }
  });

  it('in place of the header, or as a column of its own', async () => {
    for (const { value } of CREDENTIALS) {
      writeFileSync(join(folder, 'b.csv'), `user-7,${value}\nuser-8,${value}\n`);
      writeFileSync(join(folder, 'b.jsonl'), `{"userId":"user-7","${value}":1}\n{"userId":"user-8" ${value}\n`);
      for (const file of ['b.csv', 'b.jsonl']) {
        expectNotShown((await gatepass(['import', join(folder, file), ...onTable()])).written);
      }
    }
  });
});

describe('a credential that is in the table is not shown', () => {
  const now = Math.floor(Date.now() / 1000);

  it.each(CREDENTIALS)('as a name, an email, a role or a hash: $kind', async ({ value }) => {
    const userId = `user-${createHash('sha256').update(value).digest('hex').slice(0, 8)}`;
    const pk = `account#${accountLocator(userId)}`;
    const id = createKeyId(userId, randomBytes);
    const account = { userId, email: value, firstName: value, lastName: value, roles: [value], disabledBy: value };
    const apiKey = {
      userId,
      name: value,
      environment: value,
      hash: value,
      scope: value,
      allowedNetworks: [value],
      replacedHash: value,
    };
    for (const item of [
      { pk, sk: 'account', ...account, active: true, deleted: false, keyCount: 1, createdAt: now, updatedAt: now },
      { pk, sk: `key#${id}`, keyId: id, ...apiKey, active: true, deleted: false, createdAt: now, updatedAt: now },
    ]) {
      await embedded.table.client.send(new PutCommand({ TableName: embedded.table.name, Item: item }));
    }
    for (const line of [
      ['users', 'list'],
      ['users', 'show', userId],
      ['users', 'disable', userId],
      ['keys', 'list', '--user', userId],
      ['keys', 'show', id],
      ['keys', 'find', id],
      ['keys', 'disable', id],
      ['keys', 'rotate', id],
      ['keys', 'delete', id, '--yes'],
    ]) {
      for (const json of [[], ['--json']]) expectNotShown((await gatepass([...line, ...onTable(), ...json])).written);
    }
  });
});

function onTable(): readonly string[] {
  return ['--table', embedded.table.name, '--endpoint-url', embedded.endpoint];
}
