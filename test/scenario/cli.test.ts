import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKey } from '../../src/key-format/format.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { PROGRAM_LIMIT_MS } from '../support/program.ts';
import { A_HASH } from '../support/secrets.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.mjs', import.meta.url));

/** Nothing listens on the discard port. */
const NOWHERE = 'http://127.0.0.1:9';

const createdKey = v.looseObject({ key: v.string(), keyId: v.string() });

interface Run {
  readonly status: number | string | null;
  readonly out: string;
  readonly err: string;
}

let embedded: EmbeddedTable;
let home: string;

beforeAll(async () => {
  if (!existsSync(PROGRAM)) throw new Error('The command-line tool is not built: run "npm run build" first.');
  home = mkdtempSync(join(tmpdir(), 'gatepass-cli-'));
  embedded = await startEmbeddedTable();
});

afterAll(async () => {
  await embedded.stop();
  rmSync(home, { recursive: true });
});

/** Runs the built program in an environment that holds nothing of this machine's. */
function gatepass(args: readonly string[], env: Readonly<Record<string, string>> = LOCAL_AWS): Promise<Run> {
  const options = { env: { HOME: home, ...env }, timeout: PROGRAM_LIMIT_MS };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], options, (error, out, err) => {
      resolve({ status: error === null ? 0 : (error.code ?? error.signal ?? null), out, err });
    });
  });
}

function onTable(...args: readonly string[]): Promise<Run> {
  return gatepass([...args, '--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint]);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** A command that failed has said why, once, on stderr alone. */
function expectFailure({ status, out, err }: Run, expectedStatus: number, message: RegExp): void {
  expect(err).toMatch(message);
  expect(out).toBe('');
  expect(status).toBe(expectedStatus);
  expect(new Set(linesOf(err)).size).toBe(linesOf(err).length);
  expect(err).not.toMatch(/^\s+at /m);
}

// All at once, each a program or several, which a busy machine is slow to start.
describe.concurrent('the command-line tool', () => {
  it('makes a user and keys for them, and shows each key once', async () => {
    const user = await onTable(
      'users',
      'create',
      'ada',
      '--email',
      'ada@example.com',
      '--role',
      'editor',
      'viewer',
      '--json',
    );
    expect(user.err).toBe('');
    expect(JSON.parse(user.out)).toStrictEqual({
      userId: 'ada',
      email: 'ada@example.com',
      roles: ['editor', 'viewer'],
      active: true,
      deleted: false,
      keyCount: 0,
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    });
    expect(user.status).toBe(0);

    const before = Math.floor(Date.now() / 1000);
    const [plain, limited] = await Promise.all([
      onTable('keys', 'create', '--user', 'ada', '--name', 'plain'),
      onTable(
        ...['keys', 'create', '--user', 'ada', '--name', 'limited', '--expires', '90d', '--scope', 'reports:read'],
        ...['--network', '192.0.2.0/24', '2001:db8::/32', '--environment', 'test', '--prefix', 'acme', '--json'],
      ),
    ]);
    const [key = '', ...more] = linesOf(plain.out);
    const keyId = parseApiKey(key, 'gp')?.keyId;
    expect(keyId).toHaveLength(28);
    expect(more).toStrictEqual([]);
    expect(plain.err).toBe(`Key ${keyId} of ada. It is shown this once: keep it in a secret store.\n`);
    expect(plain.status).toBe(0);

    const made = v.parse(createdKey, JSON.parse(limited.out));
    expect(parseApiKey(made.key, 'acme')).toStrictEqual({ environment: 'test', keyId: made.keyId });
    expect(made).toMatchObject({
      userId: 'ada',
      name: 'limited',
      environment: 'test',
      scope: 'reports:read',
      allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
      active: true,
    });
    const expiredAfter = Number(made['expiresAt']) - 90 * 86_400;
    expect(expiredAfter).toBeGreaterThanOrEqual(before);
    expect(expiredAfter).toBeLessThanOrEqual(Date.now() / 1000);
    expect(limited.out).not.toMatch(A_HASH);
    expect(limited.status).toBe(0);

    const [asJson, asTable] = await Promise.all([
      onTable('keys', 'list', '--user', 'ada', '--json'),
      onTable('keys', 'list', '--user', 'ada'),
    ]);
    expect(asJson.err).toBe('');
    expect(JSON.parse(asJson.out)).toHaveLength(2);
    expect(JSON.parse(asJson.out)).toEqual(
      expect.arrayContaining([expect.objectContaining({ keyId }), expect.objectContaining({ keyId: made.keyId })]),
    );
    expect(linesOf(asTable.out)).toHaveLength(3);
    expect(asTable.out).toMatch(/^KEY .*\bEXPIRES\b/);
    expect(asTable.out).toMatch(new RegExp(`^${keyId} .*\\bplain +active +live\\b.*\\bnever\\b`, 'm'));
    expect(asTable.out).toMatch(new RegExp(`^${made.keyId} .*\\blimited +active +test\\b(?!.*never)`, 'm'));
    for (const { out, status } of [asJson, asTable]) {
      expect(out).not.toContain(key);
      expect(out).not.toContain(made.key);
      expect(out).not.toMatch(A_HASH);
      expect(status).toBe(0);
    }

    const again = await onTable('users', 'create', 'ada', '--email', 'other@example.com');
    expectFailure(again, 1, /^gatepass: User ada exists already: see it with "gatepass users show"\.\n$/);
  });

  it('exits with 1 when it is refused, with 2 when what it was given can not be, and changes nothing', async () => {
    const [noUser, badInput] = await Promise.all([
      onTable('keys', 'create', '--user', 'nobody', '--name', 'CI'),
      onTable('keys', 'create', '--user', 'nobody', '--name', 'CI', '--network', 'everywhere'),
    ]);
    expectFailure(noUser, 1, /^gatepass: There is no user nobody: create one with "gatepass users create"\.\n$/);
    expectFailure(
      badInput,
      2,
      /^error: option '--network <cidr...>' argument 'everywhere' is invalid\. The network everywhere is not a CIDR block, as 192\.0\.2\.0\/24\.$/m,
    );
  });

  it.each([
    ['an unknown option', ['users', 'create', 'x', '--admin'], /unknown option '--admin'/],
    [
      'an option that is missing',
      ['keys', 'create', '--name', 'CI'],
      /required option '--user <userId>' not specified/,
    ],
    [
      'no table',
      ['users', 'show', 'x'],
      /^gatepass: Which table\? Give --table NAME \(or GATEPASS_TABLE\), or --local/,
    ],
    ['an unknown command', ['user'], /unknown command 'user'/],
  ])('exits with 2 for %s', async (_, args, message) => {
    expectFailure(await gatepass(args), 2, message);
  });

  it('exits with 1 and says what to check when there is no such table', async () => {
    const run = await gatepass(['users', 'show', 'x', '--table', 'no-such-table', '--endpoint-url', embedded.endpoint]);
    expectFailure(
      run,
      1,
      /^gatepass: There is no such table.*Check --table, --region, --profile and --endpoint-url; .*\n$/,
    );
  });

  it('exits with 1 within seconds when the endpoint cannot be reached', async () => {
    const startedAt = performance.now();
    const run = await gatepass(['users', 'show', 'x', '--table', LOCAL_TABLE, '--endpoint-url', NOWHERE]);
    expectFailure(
      run,
      1,
      /^gatepass: The table could not be reached \(connect ECONNREFUSED .*\): nothing listens there\. .*--region and --endpoint-url .*\n$/,
    );
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it('exits with 1 and says what to set when there are no AWS credentials', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true' };
    const run = await gatepass(
      ['users', 'show', 'x', '--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint],
      env,
    );
    expectFailure(run, 1, /^gatepass: No AWS credentials were found\. Set AWS_ACCESS_KEY_ID .*--profile;.*\n$/);
  });

  it.each([
    ['no region', {}, [], /^gatepass: No AWS region is set\. Give --region, or set AWS_REGION\.\n$/],
    [
      'an unknown profile',
      { AWS_REGION: 'eu-west-1' },
      ['--profile', 'ops'],
      /^gatepass: The profile ops has no credentials.*AWS_PROFILE/,
    ],
    [
      'an endpoint that is no URL',
      LOCAL_AWS,
      ['--endpoint-url', 'localhost'],
      /--endpoint-url <url>' argument 'localhost' is invalid\. It must be an http or https URL/,
    ],
    [
      'such an endpoint in a variable',
      { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: 'x' },
      [],
      /The endpoint is no URL\. Check AWS_ENDPOINT_URL_DYNAMODB/,
    ],
  ])('exits with 2, and names the option or the variable, for %s', async (_, env, options, message) => {
    const given = { AWS_EC2_METADATA_DISABLED: 'true', ...env };
    expectFailure(await gatepass(['users', 'list', '--table', LOCAL_TABLE, ...options], given), 2, message);
  });

  it('ends quietly when its reader has enough', async () => {
    await onTable('users', 'create', 'bob');
    const args = ['users', 'list', '--json', '--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint];
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { HOME: home, ...LOCAL_AWS } });
    child.stdout.destroy();
    const [err, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(err).toBe('');
    expect(status).toBe(141);
  });

  it('tells its version', async () => {
    expect(await gatepass(['--version'])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('takes the table from GATEPASS_TABLE', async () => {
    const env = { ...LOCAL_AWS, GATEPASS_TABLE: LOCAL_TABLE };
    const run = await gatepass(['users', 'show', 'x', '--endpoint-url', embedded.endpoint], env);
    expectFailure(run, 1, /^gatepass: There is no user x: /);
  });

  it('explains itself and its exit statuses on stdout, and exits with 0', async () => {
    const [program, command] = await Promise.all([gatepass(['--help']), gatepass(['keys', 'create', '--help'])]);
    expect(program.out).toMatch(/^Usage: gatepass /);
    expect(program.out).toMatch(/Exit status: 0 done, 1 refused or failed and nothing changed, 2 wrong usage\./);
    expect(command.out).toMatch(/^Usage: gatepass keys create /);
    expect(command.out).toMatch(/\nExample:\n {2}gatepass keys create --user /);
    for (const { status, err } of [program, command]) {
      expect(err).toBe('');
      expect(status).toBe(0);
    }
  });
});
