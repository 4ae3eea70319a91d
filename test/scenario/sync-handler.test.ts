import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { asTableProblem } from '../../src/sync/aws-problem.ts';
import { readState } from '../../src/sync/state.ts';
import { openTable } from '../../src/table/table.ts';
import { makeKeyPair } from '../support/realm.ts';
import { type ServedRealm, startServedRealm } from '../support/served-realm.ts';

type Handler = (event: unknown, context?: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

let embedded: EmbeddedTable;
let served: ServedRealm;
let secrets: Server;
let secretsRead: number;
let secret: string;
let lines: string[];
let handler: Handler;

beforeEach(async () => {
  secret = 'a-secret';
  secretsRead = 0;
  embedded = await startEmbeddedTable();
  served = await startServedRealm(secret);
  served.users = [{ id: 'ada', enabled: true, email: 'ada@example.com' }];
  served.roles = [{ name: 'editor', users: ['ada'] }];
  served.keySet = { keys: [makeKeyPair(0).jwk] };
  secrets = createServer((_, response) => {
    secretsRead++;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ SecretString: `${secret}\n` }));
  }).listen(0, '127.0.0.1');
  await once(secrets, 'listening');
  const env = {
    ...LOCAL_AWS,
    AWS_ENDPOINT_URL_DYNAMODB: embedded.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${portOf(secrets)}`,
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: served.issuer,
    GATEPASS_SYNC_CLIENT_ID: 'gatepass-sync',
    GATEPASS_SYNC_SECRET: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:sync',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  // A function that has just started: it keeps nothing of another test's.
  vi.resetModules();
  ({ handler } = await import('../../src/sync/handler.ts'));
  await createAccount({ table: embedded.table, now: Date.now }, { userId: 'ada' });
});

afterEach(async () => {
  secrets.closeAllConnections();
  secrets.close();
  await served.stop();
  await embedded.stop();
  vi.unstubAllEnvs();
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server's is never a string
}

/** @param remainingMs what Lambda says is left. */
async function invoke(event: unknown, remainingMs = 900_000): Promise<unknown> {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  try {
    return await handler(event, { getRemainingTimeInMillis: () => remainingMs });
  } finally {
    vi.restoreAllMocks();
  }
}

const logged = () => lines.map((line) => JSON.parse(line));

describe('the scheduled function', () => {
  it('throws when its secret is refused, logs why, and reads the secret again next time', async () => {
    secret = 'old-secret';
    await expect(invoke({ pass: 'quick' })).rejects.toMatchObject({ code: 'realm_credentials' });
    expect(logged()).toMatchObject([
      { level: 'ERROR', pass: 'quick', outcome: 'failed', reason: 'realm_credentials', accountsUpdated: 0 },
    ]);
    expect(lines.join()).not.toContain('old-secret');
    secret = 'a-secret';
    // The pass that failed is tried again after as long as it took.
    const again = async () => {
      expect(await invoke({ pass: 'quick' })).toMatchObject({ pass: 'full', changes: [{ userId: 'ada' }] });
    };
    await vi.waitFor(again, { timeout: 30_000, interval: 100 });
    expect(secretsRead).toBe(2);
    expect(await getAccount({ table: embedded.table }, 'ada')).toMatchObject({
      email: 'ada@example.com',
      roles: ['editor'],
    });
  });

  it('logs one line a pass, with counts and no profile', async () => {
    await invoke({ pass: 'full' });
    expect(await invoke({ pass: 'quick' })).toMatchObject({ pass: 'quick', changes: [], keySet: 'fresh' });
    expect(logged()).toMatchObject([
      { level: 'INFO', pass: 'quick', outcome: 'done', accountsDisabled: 0, realmRequests: 2 },
    ]);
    expect(lines.join()).not.toContain('@example.com');
    expect(secretsRead).toBe(1);
  });

  it('stops a full pass a minute before its time is over, and goes on with it after a quick one', async () => {
    await invoke({ pass: 'full' });
    await new Promise((resolve) => setTimeout(resolve, 5)); // so that the clock tells the two apart
    expect(await invoke({ pass: 'full' }, 60_000)).toMatchObject({ pending: ['full_pass_unfinished'] });
    expect(logged()).toMatchObject([{ pass: 'full', outcome: 'unfinished' }]);
    expect(await invoke({ pass: 'quick' })).toMatchObject({ pass: 'quick' });
    expect(logged()).toMatchObject([
      { pass: 'quick', outcome: 'done', pending: ['no_view_events', 'full_pass_unfinished'] },
      { pass: 'full', outcome: 'done', compared: 1 },
    ]);
    await invoke({ pass: 'quick' });
    expect(logged()).toMatchObject([{ pass: 'quick', pending: ['no_view_events'] }]);
  });

  it('runs without a context, to the end', async () => {
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    expect(await handler({ pass: 'full' })).toMatchObject({ compared: 1 });
  });

  it.each([[{}], [{ pass: 'half' }], [undefined], [{ pass: 'full', maxDisableShare: 2 }]])(
    'throws for an event that it does not know: %j',
    async (event) => {
      await expect(invoke(event)).rejects.toThrow('The event');
      expect(logged()).toMatchObject([{ level: 'ERROR', outcome: 'failed' }]);
    },
  );

  it('throws for a configuration that lacks something, and says what', async () => {
    vi.stubEnv('GATEPASS_SYNC_SECRET', '');
    vi.stubEnv('GATEPASS_ISSUER', undefined);
    vi.stubEnv('GATEPASS_SYNC_GONE_DAYS', '0');
    await expect(invoke({ pass: 'full' })).rejects.toThrow(
      /GATEPASS_ISSUER is missing.*GATEPASS_SYNC_SECRET is missing.*GATEPASS_SYNC_GONE_DAYS must be a number of days/s,
    );
  });

  it('has a realm judged by what its variables say', async () => {
    vi.stubEnv('GATEPASS_ACCOUNT_CHECK', 'all');
    for (const userId of ['bob', 'cal', 'dan', 'eve']) {
      await createAccount({ table: embedded.table, now: Date.now }, { userId });
    }
    await expect(invoke({ pass: 'full' })).rejects.toMatchObject({ code: 'safety_stop' });
    expect(logged()).toMatchObject([{ outcome: 'stopped', reason: 'safety_stop', accountsUpdated: 1 }]);
  });
});

describe('what can not be asked is named', () => {
  /** Takes connections and says nothing, as what a VPC has no way to. */
  async function withSilent(use: (endpoint: string) => Promise<void>): Promise<void> {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await use(`http://127.0.0.1:${portOf(silent)}`).finally(() => {
      silent.closeAllConnections();
      silent.close();
    });
  }

  it('when its secret gives no answer, within three times five seconds', () =>
    withSilent(async (endpoint) => {
      vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint);
      await expect(invoke({ pass: 'quick' })).rejects.toThrow(
        /The secret arn:.* could not be read: TimeoutError: .*\b5000 ms.*VPC/s,
      );
      expect(logged()).toMatchObject([{ level: 'ERROR', outcome: 'failed', reason: 'secret' }]);
    }));

  it('when its table gives no answer, within the limit that tools have', () =>
    withSilent(async (endpoint) => {
      const table = openTable('gatepass', { endpoint, attemptMs: 100 });
      const error = await readState(table, served.issuer).catch((thrown: unknown) =>
        asTableProblem(thrown, table.name),
      );
      expect(error).toMatchObject({
        code: 'table',
        message: expect.stringMatching(/The table gatepass could not be asked: TimeoutError: .*\b100 ms.*VPC/s),
      });
    }));

  it('when it refuses, without its message, which may repeat what was sent', async () => {
    vi.stubEnv('GATEPASS_TABLE', 'another-table');
    await expect(invoke({ pass: 'quick' })).rejects.toThrow(
      /The table another-table could not be asked: ResourceNotFoundException \(status 400\)\./,
    );
    expect(logged()).toMatchObject([{ level: 'ERROR', outcome: 'failed', reason: 'table' }]);
  });
});
