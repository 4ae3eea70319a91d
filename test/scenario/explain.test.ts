import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/authorizer/assemble.ts';
import type { Credentials } from '../../src/authorizer/gateway/credentials.ts';
import { askRealm, fetchJwks } from '../../src/bearer/fetch-jwks.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { explainCredentials } from '../../src/doctor/doctor.ts';
import { readPasted } from '../../src/doctor/pasted.ts';
import { exitStatusOf } from '../../src/doctor/report.ts';
import { createDemoCredentials, type DemoCredentials } from '../../src/local/demo-credentials.ts';
import { DEMO_KEY_NAMES, IMPORTED_PREFIX } from '../../src/local/demo-keys.ts';
import { DEMO_AUDIENCE, DEMO_CLIENTS, DEMO_TOKEN_NAMES } from '../../src/local/demo-tokens.ts';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createReads } from '../../src/table/sdk-reads.ts';
import { createStore } from '../../src/table/store.ts';
import { loadEvent } from '../support/events.ts';
import { leaksOf, textsOf } from '../support/secrets.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist/cli/index.mjs');

let table: EmbeddedTable;
let issuer: EmbeddedIssuer;
let demo: DemoCredentials;
let home: string;

beforeAll(async () => {
  if (!existsSync(PROGRAM)) throw new Error('The command-line tool is not built: run "npm run build" first.');
  home = mkdtempSync(join(tmpdir(), 'gatepass-explain-'));
  [table, issuer] = await Promise.all([startEmbeddedTable(), startEmbeddedIssuer()]);
  demo = createDemoCredentials(table, issuer, Date.now);
});

afterAll(async () => {
  await Promise.all([table.stop(), issuer.stop()]);
  rmSync(home, { recursive: true });
});

/** The function's variables. */
function variables(): Readonly<Record<string, string>> {
  return {
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: issuer.issuer,
    GATEPASS_JWKS_URI: issuer.jwksUri,
    GATEPASS_AUDIENCE: DEMO_AUDIENCE,
    GATEPASS_CLIENTS: DEMO_CLIENTS,
    GATEPASS_IMPORTED_PREFIXES: IMPORTED_PREFIX,
  };
}

/** What of a credential nobody may see: of a token all three parts, of a key what comes after its id. */
function secretsOf(credential: string): readonly string[] {
  if (credential.startsWith('eyJ')) return credential.split('.').filter((part) => part.length >= 12);
  return [credential.slice(credential.lastIndexOf('_') + 1)];
}

describe('gatepass explain', () => {
  /** Runs the built program with a text on its standard input. */
  async function run(input: string, args: readonly string[]) {
    const child = spawn(process.execPath, [PROGRAM, 'explain', '--endpoint-url', table.endpoint, ...args], {
      env: { HOME: home, ...LOCAL_AWS, ...variables() },
      stdio: 'pipe',
    });
    child.stdin.end(input);
    const closed = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [status] = await closed;
    return { status, out, err };
  }

  // What a command line comes to else is for test/unit/cli/explain.test.ts, which starts no program.
  it('reads a key of standard input and a token, in whatever form, and shows neither', async () => {
    const [key, token] = [await demo.fill('{{API_KEY_DISABLED}}'), await demo.fill('{{ACCESS_TOKEN}}')];
    const [onKey, onToken] = await Promise.all([
      run(`\n${key} \n`, []),
      run(JSON.stringify({ access_token: token, token_type: 'Bearer' }), ['--json']),
    ]);
    expect(onKey).toMatchObject({ status: 1, err: '', out: expect.stringMatching(/✗ key\.state +Disabled/) });
    expect(onToken).toMatchObject({ status: 0, err: '', out: expect.stringContaining('"outcome": "ok"') });
    for (const secret of secretsOf(key)) expect(leaksOf(secret, [onKey.out])).toEqual([]);
    for (const secret of secretsOf(token)) expect(leaksOf(secret, [onToken.out])).toEqual([]);
  });
});

describe('gatepass explain --local', () => {
  it('explains the token that npm start prints, as its function judges it', async () => {
    // A copy, so that nobody's .gatepass/ is touched: the programs keep it two levels above themselves.
    for (const name of ['dist', 'package.json', 'template.yaml']) {
      cpSync(join(ROOT, name), join(home, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
    const env = { HOME: home, PATH: process.env['PATH'] };
    const gateway = spawn(process.execPath, ['dist/local/start.mjs', '--port', '0'], { cwd: home, env });
    try {
      let printed = '';
      for await (const chunk of gateway.stdout) {
        printed += chunk;
        if (printed.includes('Ctrl-C')) break;
      }
      const line = /^TOKEN=.*$/m.exec(printed)?.[0] ?? '';
      const explained = promisify(execFile)(process.execPath, ['dist/cli/index.mjs', 'explain', '--local'], {
        cwd: home,
        env,
      });
      explained.child.stdin?.end(line);
      expect((await explained).stdout).toMatch(/✓ token\.decision +It lets the caller through\./);
    } finally {
      gateway.kill();
      await once(gateway, 'close');
    }
  });
});

describe('an explanation agrees with the authorizer', () => {
  /** The authorizer's own word on an `Authorization` value. */
  async function decide(authorization: string, config: Config): Promise<string> {
    const store = createStore({
      reads: createReads(table.table.client),
      table: LOCAL_TABLE,
      now: Date.now,
    });
    let line = '';
    const writeLine = (written: string) => {
      line = written;
    };
    const { authorize } = assemble({ config, store, fetchJwks, writeLine, now: Date.now, random: Math.random });
    await authorize(loadEvent('api-key-valid', authorization), Date.now() + 5000);
    return v.parse(v.looseObject({ reason: v.string() }), JSON.parse(line)).reason;
  }

  const explain = (credentials: Credentials, config: Config) =>
    explainCredentials(credentials, askRealm, { config, table: table.table, now: Date.now });

  const keys = DEMO_KEY_NAMES.map((name) => [name, ''] as const);
  const tokens = DEMO_TOKEN_NAMES.map((name) => [name, 'Bearer '] as const);

  it.each([...keys, ...tokens])('%s', async (name, scheme) => {
    const config = parseConfig({ ...variables(), GATEPASS_ACCOUNT_CHECK: 'all' });
    const credential = await demo.fill(`{{${name}}}`);
    const reason = await decide(scheme + credential, config);
    const taken = readPasted(scheme + credential, config);
    if (typeof taken === 'string') throw new Error(taken);
    const findings = await explain(taken, config);

    const decision = findings.find(({ name }) => name === 'key.decision' || name === 'token.decision');
    const isAllowed = reason.endsWith('.valid');
    expect(decision?.severity).toBe(isAllowed ? 'ok' : 'problem');
    if (!isAllowed) expect(decision?.found).toContain(`(${reason})`);
    expect(exitStatusOf(findings)).toBe(isAllowed ? 0 : 1);
    const problems = findings.filter(({ severity }) => severity === 'problem');
    if (decision?.remedy?.startsWith('See what is wrong below')) expect(problems.length).toBeGreaterThan(1);
    for (const secret of secretsOf(credential)) expect(leaksOf(secret, textsOf(findings))).toEqual([]);
  });

  it('and changes nothing', async () => {
    const config = parseConfig(variables());
    const credential = await demo.fill('{{API_KEY_REPLACED_IN_GRACE}}');
    const scan = () => table.table.client.send(new ScanCommand({ TableName: LOCAL_TABLE }));
    const before = (await scan()).Items;
    await explain({ kind: 'api_key', value: credential }, config);
    expect((await scan()).Items).toStrictEqual(before);
  });

  it('says that there is no decision when the table can not be asked', async () => {
    const config = parseConfig(variables());
    const { client } = table.table;
    client.middlewareStack.add(() => async () => Promise.reject(new Error('out of order')), {
      ...{ name: 'outage', step: 'initialize' },
    });
    try {
      const value = `legacy_${randomBytes(24).toString('hex')}`;
      const findings = await explain({ kind: 'api_key', value }, config);
      expect(findings[0]).toMatchObject({
        name: 'key.decision',
        severity: 'problem',
        found: expect.stringContaining('503'),
      });
    } finally {
      client.middlewareStack.remove('outage');
    }
  });
});
