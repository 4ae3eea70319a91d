import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyAuthenticator } from '../../src/authorizer/api-key/authenticate.ts';
import { createAuthorizer } from '../../src/authorizer/authorizer.ts';
import { createDecisionLog } from '../../src/authorizer/observe/decision-log.ts';
import { createBearerAuthenticator } from '../../src/bearer/authenticate.ts';
import { parseJwks } from '../../src/bearer/jwks.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { explain, takeForExplanation } from '../../src/doctor/explain.ts';
import { exitStatusOf } from '../../src/doctor/report.ts';
import { createDemoCredentials, type DemoCredentials } from '../../src/local/demo-credentials.ts';
import { DEMO_KEY_NAMES, IMPORTED_PREFIX } from '../../src/local/demo-keys.ts';
import { DEMO_AUDIENCE, DEMO_CLIENTS, DEMO_TOKEN_NAMES } from '../../src/local/demo-tokens.ts';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createStore } from '../../src/table/store.ts';
import { loadEvent } from '../support/events.ts';
import { leaksOf, textsOf } from '../support/secrets.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.mjs', import.meta.url));

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
  /** Runs the built program with a text on its standard input; a token's realm is told to the child by name. */
  async function run(input: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = variables()) {
    const child = spawn(process.execPath, [PROGRAM, 'explain', '--endpoint-url', table.endpoint, ...args], {
      env: { HOME: home, ...LOCAL_AWS, ...env },
      stdio: 'pipe',
    });
    child.stdin.end(input);
    const closed = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [status] = await closed;
    return { status, out, err };
  }

  it.each([
    ['{{API_KEY}}', 0, /✓ key\.decision +It lets the caller through\./],
    ['{{IMPORTED_KEY}}', 0, /✓ key\.form +It is looked up as a key of another system, by its hash\./],
    ['{{ACCESS_TOKEN}}', 0, /✓ token\.decision /],
    ['Bearer {{ACCESS_TOKEN}}', 0, /✓ token\.decision /],
    ['Bearer {{API_KEY}}', 0, /✓ key\.decision /],
    ['{{API_KEY_MISTYPED}}', 1, /✗ key\.form .*cut off, or mistyped/s],
    ['{{API_KEY_OF_DISABLED_USER}}', 1, /✗ key\.account .*User "user-disabled" is disabled/s],
    ['{{TOKEN_EXPIRED}}', 1, /✗ token\.times /],
  ])('%s: exits with %i', async (placeholder, expected, found) => {
    const credential = await demo.fill(placeholder);
    const { status, out, err } = await run(`\n${credential} \n`);
    expect({ status, err }).toEqual({ status: expected, err: '' });
    expect(out).toMatch(found);
    for (const secret of secretsOf(credential.replace(/^Bearer /, ''))) expect(leaksOf(secret, [out])).toEqual([]);
  });

  it('needs no realm for a key, and no table for a token', async () => {
    const [key, token] = [await demo.fill('{{API_KEY}}'), await demo.fill('{{ACCESS_TOKEN}}')];
    const { GATEPASS_TABLE, ...realm } = variables();
    expect(await run(key, [], { GATEPASS_TABLE })).toMatchObject({ status: 0, err: '' });
    expect(await run(token, [], realm)).toMatchObject({ status: 0, err: '' });
  });

  it('prints JSON for programs, which holds the credential no more than the text', async () => {
    const credential = await demo.fill('{{API_KEY_DISABLED}}');
    const { status, out } = await run(credential, ['--json']);
    expect(status).toBe(1);
    const { outcome, exitStatus, findings } = v.parse(
      v.object({ outcome: v.string(), exitStatus: v.number(), findings: v.array(v.looseObject({ id: v.string() })) }),
      JSON.parse(out),
    );
    expect({ outcome, exitStatus }).toEqual({ outcome: 'problem', exitStatus: 1 });
    expect(findings).toContainEqual(expect.objectContaining({ id: 'key.state', severity: 'problem' }));
    for (const secret of secretsOf(credential)) expect(leaksOf(secret, [out])).toEqual([]);
  });

  it.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    ['nothing on standard input', ' \n', { GATEPASS_TABLE: LOCAL_TABLE }, /nothing on standard input/],
    ['a scheme alone', 'Bearer', { GATEPASS_TABLE: LOCAL_TABLE }, /holds no credential, or only a scheme/],
    ['a key and no table', 'gp_live_x', {}, /Which table\?/],
    ['a token and no issuer', 'Bearer eyJ.eyJ.x', { GATEPASS_AUDIENCE: '*' }, /--issuer and --audience: give both/],
  ])('exits with 2 for %s', async (_, input, env, why) => {
    const { status, out, err } = await run(input, [], env);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(why);
  });
});

describe('an explanation agrees with the authorizer', () => {
  /** The authorizer's own word on an `Authorization` value. */
  async function decide(authorization: string, config: Config): Promise<string> {
    const now = Date.now;
    const store = createStore({ client: table.table.client, table: LOCAL_TABLE, now });
    const jwks = parseJwks(await (await fetch(config.jwksUri)).json());
    const realmKeys = { find: async (kid: string) => jwks.get(kid) ?? ('unknown' as const) };
    let line = '';
    const authorize = createAuthorizer({
      authenticateApiKey: createApiKeyAuthenticator({ ...config, store, now }),
      authenticateBearer: createBearerAuthenticator({ ...config, store, realmKeys, now }),
      keyForms: config,
      log: createDecisionLog((written) => {
        line = written;
      }, now),
      now,
    });
    await authorize(loadEvent('api-key-valid', authorization), now() + 5000);
    return v.parse(v.looseObject({ reason: v.string() }), JSON.parse(line)).reason;
  }

  const keys = DEMO_KEY_NAMES.map((name) => [name, ''] as const);
  const tokens = DEMO_TOKEN_NAMES.map((name) => [name, 'Bearer '] as const);

  it.each([...keys, ...tokens])('%s', async (name, scheme) => {
    const config = parseConfig({ ...variables(), GATEPASS_ACCOUNT_CHECK: 'all' });
    const credential = await demo.fill(`{{${name}}}`);
    const reason = await decide(scheme + credential, config);
    const taken = takeForExplanation(scheme + credential, config);
    if (taken === undefined) throw new Error('No credential was taken.');
    const findings = await explain(taken, { config, table: table.table, fetch, now: Date.now });

    const decision = findings.find(({ id }) => id === 'key.decision' || id === 'token.decision');
    const isAllowed = reason.endsWith('.valid');
    expect(decision?.severity).toBe(isAllowed ? 'ok' : 'problem');
    if (!isAllowed) expect(decision?.found).toContain(`(${reason})`);
    expect(exitStatusOf(findings)).toBe(isAllowed ? 0 : 1);
    for (const secret of secretsOf(credential)) expect(leaksOf(secret, textsOf(findings))).toEqual([]);
  });

  it('and changes nothing', async () => {
    const config = parseConfig(variables());
    const credential = await demo.fill('{{API_KEY_REPLACED_IN_GRACE}}');
    const scan = () => table.table.client.send(new ScanCommand({ TableName: LOCAL_TABLE }));
    const before = (await scan()).Items;
    await explain({ kind: 'api_key', value: credential }, { config, table: table.table, fetch, now: Date.now });
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
      const findings = await explain({ kind: 'api_key', value }, { config, table: table.table, fetch, now: Date.now });
      expect(findings[0]).toMatchObject({
        id: 'key.decision',
        severity: 'problem',
        found: expect.stringContaining('503'),
      });
    } finally {
      client.middlewareStack.remove('outage');
    }
  });
});
