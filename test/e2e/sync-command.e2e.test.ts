import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { explainError } from '../../src/cli/explain-error.ts';
import { createProgram } from '../../src/cli/program.ts';
import { redactCredentials } from '../../src/redact.ts';
import { runProgram } from '../../src/terminal/program.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import { AWS } from './support/environment.ts';
import type { RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

const SECRET = 'GATEPASS_SYNC_CLIENT_SECRET';

let realm: SyncedRealm;
let table: TestTable;
let ada: RealmUser;

beforeAll(async () => {
  Object.assign(process.env, AWS);
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-command');
  table = await createTestTable(inject('dynamoDbEndpoint'), 'synced-by-command');
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  await table.commandDone('users', 'create', ada.id);
});

afterAll(() => realm?.proxy.stop());

afterEach(() => {
  delete process.env[SECRET];
  process.exitCode = undefined;
});

/** Runs `gatepass sync` on the table, with the client's secret in its environment. */
async function command(...args: readonly string[]): Promise<{ status: unknown; out: string; err: string }> {
  process.env[SECRET] ??= realm.clientSecret;
  const output = recordOutput();
  const onTable = ['--table', table.name, '--endpoint-url', table.endpoint];
  const issuer = args.includes('--issuer') ? [] : ['--issuer', realm.issuer];
  const program = createProgram(output, redactCredentials);
  const status = await runProgram(program, ['sync', ...args, ...issuer, ...onTable], output, explainError);
  return { status, out: output.results(), err: output.messages() };
}

describe('gatepass sync', () => {
  test('tells in a dry run what it would change, and changes nothing', async () => {
    const { status, out } = await command('--dry-run');
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^${ada.id} +update +email firstName lastName roles$`, 'm'));
    expect(out).toMatch(/^full pass: 1 account compared, would be 1 updated\.$/m);
    expect(await table.readAccount(ada.id)).not.toHaveProperty('email');
  });

  test('tells what it changed, and what quick passes will not see', async () => {
    const { status, out, err } = await command();
    expect(status).toBe(0);
    expect(out).toMatch(/^full pass: 1 account compared, 1 updated\.$/m);
    expect(err).toContain('the role view-events');
    expect(await table.readAccount(ada.id)).toMatchObject({ email: 'ada@example.com' });
  });

  test('prints JSON and nothing else for programs', async () => {
    const { out, err } = await command('--quick', '--json');
    expect(JSON.parse(out)).toMatchObject({ pass: 'quick', changes: [], keySet: 'fresh' });
    expect(err).toBe('');
  });
});

describe('exit status 1, with what is wrong and what to do', () => {
  test('a wrong secret, which is not repeated', async () => {
    process.env[SECRET] = 'not-the-secret';
    const { status, out, err } = await command();
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/doesn't let gatepass-sync in .*check the client's id and its secret/s);
    expect(err).not.toContain('not-the-secret');
  });

  test('an unknown realm', async () => {
    const { status, err } = await command('--issuer', `${new URL(realm.issuer).origin}/realms/nowhere`);
    expect(status).toBe(1);
    expect(err).toMatch(/There is no realm nowhere at http:.*check the issuer/);
  });

  test('a realm that is out of reach', async () => {
    const { status, err } = await command('--admin-url', 'http://127.0.0.1:9');
    expect(status).toBe(1);
    expect(err).toMatch(/could not be asked for a token at http:\/\/127\.0\.0\.1:9: .*Try again/s);
  });

  test('an Admin API without TLS', async () => {
    const { status, err } = await command('--admin-url', 'http://id.example.com');
    expect(status).toBe(2);
    expect(err).toContain('must be an https URL');
  });

  test('a role that is missing', async () => {
    await realm.revoke('view-users');
    const { status, err } = await command();
    await realm.grant('view-users');
    expect(status).toBe(1);
    expect(err).toContain('give its service account the role view-users of the client realm-management');
  });
});
