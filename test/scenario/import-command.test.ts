import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getAccount } from '../../src/accounts/accounts.ts';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { listKeys } from '../../src/accounts/keys.ts';
import { createTrial } from '../../src/cli/import-try.ts';
import { createProgram } from '../../src/cli/program.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { redactCredentials } from '../../src/redact.ts';
import { runProgram } from '../../src/terminal/program.ts';
import { recordOutput } from '../support/recorded-output.ts';

let embedded: EmbeddedTable;
let folder: string;

beforeAll(async () => {
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  embedded = await startEmbeddedTable();
  folder = mkdtempSync(join(tmpdir(), 'gatepass-import-command-'));
});

afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

let itemsBefore: number;

beforeEach(async () => {
  itemsBefore = await countItems();
});

afterEach(() => {
  process.exitCode = undefined;
});

async function countItems(): Promise<number> {
  return (await embedded.table.client.send(new ScanCommand({ TableName: LOCAL_TABLE, Select: 'COUNT' }))).Count ?? 0;
}

/** Writes a file and imports it: the exit status, and what is said. */
async function importFile(name: string, content: string | Buffer, ...options: readonly string[]) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return run(path, ...options);
}

async function run(...args: readonly string[]) {
  const output = recordOutput();
  const table = ['--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint];
  const program = createProgram(output, redactCredentials);
  const thrown = await runProgram(program, ['import', ...table, ...args], output);
  const status = thrown || Number(process.exitCode ?? 0);
  return { status, results: output.results(), messages: output.messages() };
}

let users = 0;

function newUser(): string {
  users += 1;
  return `user-${users}`;
}

const newKey = (start = 'legacy_') => start + randomBytes(24).toString('hex');

describe('import: nothing is written', () => {
  it('for a file that is not UTF-8, be it far down', async () => {
    const lines = Array.from({ length: 2000 }, () => `${newUser()},Ada\n`).join('');
    const file = Buffer.concat([Buffer.from(`userId,firstName\n${lines}`), Buffer.from('x,Jos\xe9\n', 'latin1')]);
    const { status, messages } = await importFile('latin1.csv', file);
    expect(messages).toMatch(
      /^gatepass: Line 2002 is not UTF-8\. Convert the file, as by: iconv .* Nothing was written\.$/m,
    );
    expect(status).toBe(2);
    expect(await countItems()).toBe(itemsBefore);
  });

  it('for a header that is not understood, which is told once', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `App ${index},${newKey('')},x,TRUE,"a,b"\n`).join('');
    const file = `Name,key,description,Enabled,usageplanIds\n${lines}`;
    const { status, messages, results } = await importFile('aws.csv', file);
    expect(messages.trim().split('\n')).toEqual([
      expect.stringMatching(/names columns .* give --from aws\. Nothing was written\.$/),
    ]);
    expect(results).toBe('');
    expect(status).toBe(2);
    expect(await countItems()).toBe(itemsBefore);
  });

  it('for a quote out of place, be it far down', async () => {
    const lines = Array.from({ length: 2000 }, () => `${newUser()},Ada\n`).join('');
    const { status, messages } = await importFile('quote.csv', `userId,firstName\n${lines}bob,a"b\n`);
    expect(messages).toMatch(/^gatepass: The file can't be read on from line 2002: a quote is out of place/);
    expect(status).toBe(2);
    expect(await countItems()).toBe(itemsBefore);
  });

  it.each([
    ['--concurrency', '0', 'a whole number from 1 to 512'],
    ['--concurrency', '', 'a whole number from 1 to 512'],
    ['--after', '-1', 'a whole number from 0'],
    ['--environment', 'Live', 'lower-case letters'],
  ])('for %s %j, and nothing is left open', async (option, value, says) => {
    const handles = process.getActiveResourcesInfo().length;
    const { status, messages } = await importFile('good.csv', `userId\n${newUser()}\n`, `${option}=${value}`);
    expect(messages).toContain(says);
    expect(status).toBe(2);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles);
    expect(await countItems()).toBe(itemsBefore);
  });

  it('for a directory, or for a file of a format that is not told', async () => {
    expect(await run(folder, '--format', 'csv')).toMatchObject({
      status: 2,
      messages: expect.stringContaining('is a directory: give a file.'),
    });
    expect(await importFile('users.txt', 'userId\n')).toMatchObject({
      status: 2,
      messages: expect.stringContaining('Give --format csv or --format jsonl.'),
    });
  });

  it('for what is no file, and is empty: wrong usage too, since nothing was begun', async () => {
    expect(await run('/dev/null', '--format', 'csv')).toEqual({
      ...{ status: 2, results: '' },
      messages: expect.stringMatching(
        /^gatepass: The file is empty: it needs a header, as .* Nothing was written\.\n$/,
      ),
    });
  });
});

describe('import: the report', () => {
  it('says which imported prefixes the function needs for these keys', async () => {
    const rows = [newKey('ba_live_'), newKey('sk_')].map((key) => `${newUser()},${key},\n`).join('');
    const hash = `${newUser()},,${randomBytes(32).toString('hex')}\n`;
    const { status, results } = await importFile('prefixes.csv', `userId,key,keyHash\n${rows}${hash}`);
    expect(results).toBe(
      '3 lines: 3 users and 3 keys created, 0 keys there already, 0 lines refused.\n' +
        "For these keys, the function's GATEPASS_IMPORTED_PREFIXES needs ba_,sk_.\n" +
        "1 key came as a hash: the function's GATEPASS_IMPORTED_PREFIXES needs what it starts with.\n",
    );
    expect(status).toBe(0);
  });

  it.each([
    ['*', newKey(''), [], 'needs *, since some start with no prefix.'],
    ['those that were given', newKey('sk_live_'), ['--imported-prefixes', 'x_,sk_live_'], 'needs sk_live_.'],
  ])('says that they must be %s', async (_, key, options, says) => {
    const { results } = await importFile('any.csv', `userId,key\n${newUser()},${key}\n`, ...options);
    expect(results).toContain(says);
  });

  it('has the refused lines in JSON, and not beside it too', async () => {
    const file = `userId,key\n${newUser()},${newKey()}\n,${newKey()}\n${newUser()},legacy_hunter2\n`;
    const { status, results, messages } = await importFile('refused.csv', file, '--json');
    expect(JSON.parse(results)).toMatchObject({
      ...{ lines: 3, usersCreated: 1, refused: 2, importedPrefixes: ['legacy_'] },
      refusedLines: [
        { line: 3, why: 'userId is missing' },
        { line: 4, why: expect.stringMatching(/^key can be guessed: about \d+ bits/) },
      ],
    });
    expect(messages).toBe('');
    expect(status).toBe(1);
  });

  it('names each key that can be guessed and was let in', async () => {
    const file = `userId,key\n${newUser()},legacy_hunter2\n${newUser()},${newKey()}\n`;
    const { status, results, messages } = await importFile('weak.csv', file, '--allow-weak');
    expect(messages).toMatch(/^line 2: key can be guessed, and was let in: about \d+ bits/);
    expect(results).toContain('1 key can be guessed and came in by --allow-weak: rotate them soon.');
    expect(status).toBe(0);
  });
});

describe('import --from aws', () => {
  it("reads AWS's own API key file, with an owner who is told", async () => {
    const userId = newUser();
    const file = `Name,key,description,Enabled,usageplanIds\nApp 1,${newKey('')},x,TRUE,"c7y23b,glvrsr"\nApp 2,${newKey('')},,false,\n`;
    const { status } = await importFile('aws.csv', file, '--from', 'aws', '--user', userId);
    expect(status).toBe(0);
    const keys = await listKeys({ table: embedded.table, now: Date.now }, userId);
    expect(keys.map(({ name, active }) => [name, active]).toSorted()).toEqual([
      ['App 1', true],
      ['App 2', false],
    ]);
    expect(await getAccount({ table: embedded.table }, userId)).toMatchObject({ active: true });
  });
});

describe('import: a run that stops', () => {
  it('says how to go on, and after a dry run that nothing was written', async () => {
    const file = `userId\n${newUser()}\n`;
    const elsewhere = ['--table', 'no-such-table'];
    const stopped = await importFile('good.csv', file, ...elsewhere);
    expect(stopped.messages).toMatch(
      /^gatepass: The import stopped: all lines up to 0 are done\. Go on with --after 0\.\n/,
    );
    expect(stopped.status).toBe(1);
    const dry = await importFile('good.csv', file, ...elsewhere, '--dry-run');
    expect(dry.messages).toMatch(
      /^gatepass: The import stopped: .* Nothing was written, so start from the beginning\.\n/,
    );
  });
});

describe('import --try', () => {
  const RULES = { importedPrefixes: ['legacy_'], keyPrefix: 'gp', environment: 'live' };

  /** What is said of a key after an import of these lines that is not made. */
  async function tried(key: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<string> {
    const table = embedded.table;
    const trial = createTrial(key, table, RULES);
    async function* lines() {
      for (const [index, raw] of rows.entries()) yield { number: index + 1, raw };
    }
    const { preview } = trial;
    await importLines({ table, now: Date.now }, lines(), {
      rules: RULES,
      concurrency: 4,
      preview,
      onRefused: () => {},
    });
    expect(await countItems()).toBe(itemsBefore);
    return (await trial.decide()).text;
  }

  it('says who would be let in by a key that the file brings, as a key or as a hash', async () => {
    const [userId, key] = [newUser(), newKey()];
    const keyHash = createHash('sha256').update(key).digest('base64');
    const letIn = `After this import the key would be let in, as ${userId}.`;
    expect(await tried(key, [{ userId, key }])).toBe(letIn);
    expect(await tried(key, [{ userId: newUser(), key: newKey() }, { userId }, { userId, keyHash }])).toBe(letIn);
  });

  it.each([
    ['api_key.unknown', {}, 'legacy_another_key'],
    ['api_key.malformed', {}, 'other_key'],
    ['api_key.inactive', { active: false }],
    ['api_key.deleted', { deleted: true }],
    ['api_key.expired', { expiresAt: '2024-01-01' }],
    ['api_key.environment', { environment: 'test' }],
    ['api_key.account_disabled', { userActive: false }],
    ['api_key.unknown', { name: 'x'.repeat(257) }],
  ])('says why a key would be refused: %s', async (reason, change, other?: string) => {
    const key = newKey();
    const text = await tried(other ?? key, [{ userId: newUser(), key, ...change }]);
    expect(text).toBe(`After this import the key would be refused (${reason}).`);
  });

  it('says it of a key that is there already, too', async () => {
    const [userId, key] = [newUser(), newKey()];
    await importFile('there.csv', `userId,key\n${userId},${key}\n`);
    itemsBefore = await countItems();
    expect(await tried(key, [])).toBe(`After this import the key would be let in, as ${userId}.`);
    expect(await tried(key, [{ userId: newUser(), key }])).toBe(
      `After this import the key would be let in, as ${userId}.`,
    );
  });
});
