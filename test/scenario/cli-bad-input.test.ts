import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { deleteKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.mjs', import.meta.url));
const AT_A_TIME = 2;

/** A command line, the status that it must end with, and what it must say. */
type Case = readonly [args: readonly string[], status: 1 | 2, says: RegExp];

/** `$good`, `$grace` and `$gone` stand for the ids of keys: a good one, one in grace, a deleted one. */
const CASES: readonly Case[] = [
  [['users', 'create', ' ada'], 2, /The user id must be 1 to 256 characters/],
  [['users', 'create', 'ada', '--email', 'x@example.com'], 1, /User ada exists already/],
  [['users', 'create', 'new', '--role', 'editor', ''], 2, /The role must be 1 to 256 characters/],
  [['users', 'show', 'nobody'], 1, /There is no user nobody/],
  [['users', 'disable', 'deleted'], 1, /User deleted is deleted: only "gatepass users restore deleted"/],
  [['users', 'enable', 'nobody'], 1, /There is no user nobody/],
  [['users', 'delete', 'ada'], 2, /There is no terminal to ask on: give --yes/],
  [['users', 'delete', 'nobody', '--yes'], 1, /There is no user nobody/],
  [
    ['keys', 'create', '--user', 'ada', '--name', 'CI', '--expires', '90x'],
    2,
    /The expiry 90x must be a duration, as 90d, or a date/,
  ],
  [['keys', 'create', '--user', 'ada', '--name', 'CI', '--expires', '999999999w'], 2, /before the year 10000/],
  [
    ['keys', 'create', '--user', 'deleted', '--name', 'CI'],
    1,
    /User deleted is deleted: only "gatepass users restore deleted"/,
  ],
  [['keys', 'list', '--user', 'nobody'], 1, /There is no user nobody/],
  [['keys', 'show', 'no-such-key'], 1, /There is no key with th.* id/],
  [['keys', 'rotate', '$grace'], 1, /was rotated already.*--discard current .*--discard replaced /],
  [['keys', 'rotate', '$good', '--grace', 'forever'], 2, /The duration forever must be a number/],
  [['keys', 'rotate', '$good', '--discard', 'both'], 2, /Allowed choices are current, replaced/],
  [
    ['keys', 'create', '--user', 'ada', '--name', 'CI', '--network', '192.0.2.1'],
    2,
    /'--network <cidr\.\.\.>'.*CIDR block/,
  ],
  [
    ['keys', 'create', '--user', 'ada', '--name', 'CI', '--environment', 'Live'],
    2,
    /'--environment <name>'.*at most 32/,
  ],
  [['users', 'list', '--region', 'not a region'], 2, /Check --region \(AWS_REGION\)/],
  [['sync', '--issuer', 'id.example.com'], 2, /'--issuer <url>'.*must be an https URL/],
  [['keys', 'enable', '$gone'], 1, /is deleted, which can't be undone/],
  [['keys', 'delete', '$good'], 2, /There is no terminal to ask on: give --yes/],
  [['users', 'delete', '', '--yes'], 2, /^gatepass: The argument userId is empty: is a variable not set\?$/m],
  [['users', 'create', 'ada\u200b'], 2, /has a character that is not seen/],
  [['keys', 'find', 'hello'], 2, /There is nothing to look for/],
  [['import', 'no-such-file.csv'], 2, /The file no-such-file\.csv can't be read/],
  [['import', '$folder/good.txt'], 2, /Give --format csv or --format jsonl/],
  [
    ['import', '$folder/good.csv', '--concurrency', '0'],
    2,
    /'--concurrency <n>' argument '0' is invalid\. It must be a whole number from 1 to 512/,
  ],
  [['import', '$folder/good.csv', '--imported-prefixes', 'sk_,'], 2, /It has an empty entry, or \* beside others/],
  [
    ['keys', 'create', '--user', 'ada', '--name', 'CI', '--prefix', 'GP'],
    2,
    /It must be at most 16 lower-case letters/,
  ],
  [['import', '$folder/good.csv', '--try'], 2, /There is nothing on standard input: pipe or paste the key to try/],
  [['import', '-', '--format', 'csv', '--try'], 2, /--try reads a key from standard input: give a file of lines/],
  [['import', '$folder/bad.csv'], 1, /^line 2: userId is missing\nline 3: key can be guessed: about \d+ bits/m],
  [['explain'], 2, /There is nothing on standard input/],
];

let embedded: EmbeddedTable;
let folder: string;
let outcomes: ReadonlyMap<Case, Outcome>;
let before: unknown;

interface Outcome {
  readonly status: unknown;
  readonly out: string;
  readonly err: string;
}

beforeAll(async () => {
  if (!existsSync(PROGRAM)) throw new Error('The command-line tool is not built: run "npm run build" first.');
  folder = mkdtempSync(join(tmpdir(), 'gatepass-bad-input-'));
  const key = `legacy_${randomBytes(24).toString('hex')}`;
  for (const name of ['good.csv', 'good.txt']) writeFileSync(join(folder, name), `userId,key\nimported,${key}\n`);
  writeFileSync(join(folder, 'bad.csv'), `userId,key\n,${key}\nimported,legacy_hunter2\n`);
  embedded = await startEmbeddedTable();
  const ids = await seed();
  before = await tableContent();
  const named = (arg: string) => ids[arg] ?? arg.replace('$folder', folder);
  outcomes = await runAll(CASES, (args) => args.map(named));
});

afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true });
});

async function seed(): Promise<Readonly<Record<string, string>>> {
  const admin = openAdmin({ table: embedded.table });
  for (const userId of ['ada', 'deleted']) await createAccount(admin, { userId });
  await deleteAccount(admin, 'deleted');
  const create = async (name: string) => (await createKey(admin, { userId: 'ada', name })).item.keyId;
  const [good, grace, gone] = [await create('good'), await create('grace'), await create('gone')];
  await rotateKey(admin, { userId: 'ada', keyId: grace }, { graceSeconds: 3600 });
  await deleteKey(admin, { userId: 'ada', keyId: gone });
  return { $good: good, $grace: grace, $gone: gone };
}

async function tableContent(): Promise<unknown> {
  return (await embedded.table.client.send(new ScanCommand({ TableName: LOCAL_TABLE }))).Items;
}

/** Runs the cases, a few at a time, each in a process of its own with nothing on its standard input. */
async function runAll(
  cases: readonly Case[],
  fill: (args: readonly string[]) => string[],
): Promise<Map<Case, Outcome>> {
  const done = new Map<Case, Outcome>();
  const left = [...cases];
  async function work(): Promise<void> {
    for (let next = left.shift(); next !== undefined; next = left.shift()) done.set(next, await run(fill(next[0])));
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return done;
}

async function run(args: readonly string[]): Promise<Outcome> {
  const connection = ['--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint];
  const child = spawn(process.execPath, [PROGRAM, ...args, ...connection], {
    env: { HOME: folder, ...LOCAL_AWS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  return { status, out, err };
}

it.each(CASES.map((one) => [one[0].join(' '), one] as const))('gatepass %s: says why, on stderr alone', (_, one) => {
  const [args, status, says] = one;
  const outcome = outcomes.get(one);
  expect(outcome?.err).toMatch(says);
  expect(outcome?.err).not.toMatch(/^\s+at |hunter2/m);
  expect(outcome?.status).toBe(status);
  // An import tells on stdout how many lines it refused.
  expect(outcome?.out).toMatch(
    args[1]?.endsWith('bad.csv') ? /^2 lines: 0 users and 0 keys .* 2 lines refused\.$/m : /^$/,
  );
});

it('and nothing is written by any of them', async () => {
  expect(await tableContent()).toStrictEqual(before);
});
