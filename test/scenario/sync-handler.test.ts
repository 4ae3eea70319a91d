import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { makeKeyPair } from '../support/realm.ts';

let embedded: EmbeddedTable;
let keycloak: Server;
let secrets: Server;
let secretsRead = 0;
let secret = 'old-secret';
let written: string[];
let handler: (event: unknown) => Promise<unknown>;

const claims = { iat: 0, exp: 300, resource_access: { 'realm-management': { roles: ['view-users'] } } };
const user = { id: 'ada', enabled: true, email: 'ada@example.com' };

const answerAsKeycloak: RequestListener = (request, response) => {
  const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
  const path = request.url ?? '';
  if (path.endsWith('/token')) {
    const [, pair = ''] = request.headers.authorization?.split(' ') ?? [];
    if (Buffer.from(pair, 'base64').toString() !== 'gatepass-sync:new-secret') return answer(401, { error: 'no' });
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return answer(200, { access_token: `e30.${payload}.c2ln` });
  }
  if (path.endsWith('/certs')) return answer(200, { keys: [makeKeyPair(0).jwk] });
  if (path.endsWith('/composite')) return answer(200, [{ name: 'editor' }]);
  if (path.endsWith('/users/ada')) return answer(200, user);
  if (path.includes('/users/?')) return answer(200, []);
  return answer(403, { error: 'HTTP 403 Forbidden' });
};

async function listen(listener: RequestListener): Promise<{ server: Server; origin: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's is never a string
  return { server, origin: `http://127.0.0.1:${port}` };
}

beforeAll(async () => {
  embedded = await startEmbeddedTable();
  const realmServer = await listen(answerAsKeycloak);
  const secretsServer = await listen((_, response) => {
    secretsRead++;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ SecretString: `${secret}\n` }));
  });
  keycloak = realmServer.server;
  secrets = secretsServer.server;
  const env = {
    ...LOCAL_AWS,
    AWS_ENDPOINT_URL_DYNAMODB: embedded.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsServer.origin,
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: `${realmServer.origin}/realms/main`,
    GATEPASS_SYNC_CLIENT_ID: 'gatepass-sync',
    GATEPASS_SYNC_SECRET: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:sync',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  ({ handler } = await import('../../src/sync/handler.ts'));
  await createAccount({ table: embedded.table, now: Date.now }, { userId: 'ada' });
});

afterEach(() => vi.restoreAllMocks());

afterAll(async () => {
  for (const server of [keycloak, secrets]) server.close();
  await embedded.stop();
  vi.unstubAllEnvs();
});

async function invoke(event: unknown): Promise<unknown> {
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    return await handler(event);
  } finally {
    vi.restoreAllMocks();
  }
}

describe('the scheduled function', () => {
  it('throws when its secret is refused, logs why, and reads the secret again next time', async () => {
    await expect(invoke({ pass: 'quick' })).rejects.toMatchObject({ code: 'realm_credentials' });
    expect(written).toHaveLength(1);
    expect(JSON.parse(String(written[0]))).toMatchObject({
      ...{ level: 'ERROR', pass: 'quick', outcome: 'failed', reason: 'realm_credentials' },
    });
    expect(written[0]).not.toContain('old-secret');
    secret = 'new-secret';
    expect(await invoke({ pass: 'quick' })).toMatchObject({ pass: 'full', changes: [{ userId: 'ada' }] });
    expect(secretsRead).toBe(2);
    expect(await getAccount({ table: embedded.table }, 'ada')).toMatchObject({
      email: 'ada@example.com',
      roles: ['editor'],
    });
  });

  it('logs one line a pass, with counts and no profile', async () => {
    expect(await invoke({ pass: 'quick' })).toMatchObject({ pass: 'quick', changes: [], keySet: 'fresh' });
    expect(written).toHaveLength(1);
    expect(JSON.parse(String(written[0]))).toMatchObject({
      ...{ level: 'INFO', pass: 'quick', outcome: 'done', accountsDisabled: 0, realmRequests: 1 },
    });
    expect(written[0]).not.toContain('@example.com');
    expect(secretsRead).toBe(2);
  });

  it.each([[{}], [{ pass: 'half' }], [undefined], [{ pass: 'full', maxDisableShare: 2 }]])(
    'throws for an event that it does not know: %j',
    async (event) => {
      await expect(invoke(event)).rejects.toThrow('The event');
      expect(JSON.parse(String(written[0]))).toMatchObject({ level: 'ERROR', outcome: 'failed' });
    },
  );

  it('throws for a bad configuration, and says all that is wrong with it at once', async () => {
    vi.stubEnv('GATEPASS_SYNC_SECRET', '');
    vi.stubEnv('GATEPASS_ISSUER', 'http://id.example.com/realms/main');
    vi.stubEnv('GATEPASS_SYNC_ADMIN_URL', 'https://id.example.com/?x');
    vi.stubEnv('GATEPASS_SYNC_CLIENTID', 'gatepass-sync');
    const error = await invoke({ pass: 'full' }).catch(String);
    expect(String(error).match(/(?<=\n {2}- )GATEPASS_\w+ (?:is missing|\w+ \w+)/g)).toStrictEqual([
      'GATEPASS_SYNC_CLIENTID is not',
      'GATEPASS_ISSUER must be',
      'GATEPASS_SYNC_ADMIN_URL must have',
      'GATEPASS_SYNC_SECRET is missing',
    ]);
  });
});
