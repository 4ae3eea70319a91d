import { createServer as createTcpServer } from 'node:net';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askRealm } from '../../src/bearer/fetch-jwks.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { type DescribedRealm, listen, startDescribedRealm } from '../support/described-realm.ts';
import { recordOutput } from '../support/recorded-output.ts';

let table: EmbeddedTable;
let keys: EmbeddedIssuer;
let realm: DescribedRealm;

beforeAll(async () => {
  [table, keys] = await Promise.all([startEmbeddedTable(), startEmbeddedIssuer()]);
  realm = await startDescribedRealm(keys.jwksUri);
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
});

afterAll(async () => {
  realm.stop();
  await Promise.all([table.stop(), keys.stop()]);
});

function accessToken(change: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const user = { sub: 'user-42', aud: 'demo-api', azp: 'demo-web', typ: 'Bearer' };
  return keys.sign({ iss: realm.issuer, exp: now + 300, iat: now, ...user, ...change });
}

async function doctor(args: readonly string[], stdin = '') {
  const output = recordOutput();
  let status: number | undefined;
  const command = doctorCommand(output, {
    askRealm,
    fetch,
    now: Date.now,
    env: {},
    style: (_, text) => text,
    readSecret: async () => stdin,
    setExitStatus: (next) => {
      status = next;
    },
  });
  await new Command('gatepass').addCommand(command).parseAsync(['doctor', ...args], { from: 'user' });
  // As one line: where it is broken is of no account here.
  return { output: output.results().replaceAll(/\s+/g, ' '), status };
}

const onTable = (name = LOCAL_TABLE) => ['--table', name, '--endpoint-url', table.endpoint];
const onRealm = (issuer = realm.issuer) => [
  ...['--issuer', issuer, '--jwks-uri', keys.jwksUri],
  ...['--audience', 'demo-api', '--clients', 'demo-web'],
];

describe('gatepass doctor', () => {
  it('finds a good table, realm and token well', async () => {
    realm.describe({});
    const { output, status } = await doctor([...onTable(), ...onRealm(), '--token-stdin'], await accessToken());
    expect(output).not.toMatch(/[✗!] [a-z]+\./);
    expect(status).toBe(0);
    for (const id of [
      'realm.discovery',
      'realm.signing_key',
      'clock.realm',
      'clock.table',
      'table.read',
      'token.decision',
    ]) {
      expect(output).toContain(`✓ ${id}`);
    }
  });

  it('finds a realm that calls itself by another name than tokens are judged by', async () => {
    realm.describe({ issuer: realm.issuer.replace('http:', 'https:').replace('demo', 'Demo') });
    const { output, status } = await doctor(onRealm());
    expect(output).toMatch(
      /✗ realm\.discovery .*the scheme \(configured http, there https\).*the realm \(configured demo, there Demo\)/,
    );
    expect(status).toBe(1);
  });

  it('finds a realm that does not sign with RS256', async () => {
    realm.describe({ id_token_signing_alg_values_supported: ['ES256'] });
    expect((await doctor(onRealm())).output).toContain('✗ realm.algorithm');
  });

  it('says what is wrong with a token, and what to do about it, without showing it', async () => {
    realm.describe({});
    const token = await accessToken({ aud: 'account', sub: undefined });
    const { output, status } = await doctor([...onRealm(), '--token-stdin'], `${token}\n`);
    expect(output).toContain('401 (token.subject)');
    expect(output).toMatch(/✗ token\.sub .*?basic, as Default/);
    expect(output).toMatch(/✗ token\.aud .*?Included Client Audience demo-api/);
    for (const part of token.split('.')) expect(output).not.toContain(part);
    expect(status).toBe(1);
  });

  it('finds that a table is not there', async () => {
    const { output, status } = await doctor(onTable('no-such-table'));
    expect(output).toMatch(/✗ table\.exists .*no such table/);
    expect(status).toBe(1);
  });

  it('leaves nothing in the table', async () => {
    await doctor(onTable());
    const { Count } = await table.table.client.send(new ScanCommand({ TableName: LOCAL_TABLE }));
    expect(Count).toBe(0);
  });

  it('takes seconds, not minutes, when nothing answers', async () => {
    const silent = createTcpServer(() => {});
    const port = await listen(silent);
    const startedAt = Date.now();
    const url = `http://127.0.0.1:${port}`;
    const args = ['--table', LOCAL_TABLE, '--endpoint-url', url, '--issuer', `${url}/realms/demo`, '--audience', 'x'];
    const { output, status } = await doctor(args);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    expect(output).toMatch(/✗ realm\.jwks_uri .*no answer in time/);
    expect(output).toMatch(/✗ table\.exists .*no answer in time/);
    expect(status).toBe(1);
    silent.close();
  });
});
