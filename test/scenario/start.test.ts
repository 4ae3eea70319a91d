import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { connectTo, LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { putKeySet } from '../../src/table/realm-items.ts';
import { loadEvent } from '../support/events.ts';
import { runWithFakeTimers } from '../support/fake-time.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { type LoadedHandler, loadHandler } from '../support/handler.ts';
import { AUDIENCE, ISSUER } from '../support/realm.ts';

const SECOND = 1000;

const start = useGatepass();

it('the start of the function reads the kept key set, in one request, and a key is decided by one more', async () => {
  const gatepass = start();
  const { key } = await gatepass.seed.user().then((userId) => gatepass.seed.key(userId));
  gatepass.table.reset();
  const handler = await startHandler(gatepass, 'http://127.0.0.1:9/certs');
  expect(gatepass.table.operations).toEqual(['GetItem']);

  await handler.invoke(loadEvent('api-key-valid', key));

  expect(gatepass.table.operations).toEqual(['GetItem', 'BatchGetItem']);
  expect(lastLine(handler)).toMatchObject({ reason: 'api_key.valid', tableRequests: 1 });
});

it('a first token is decided by the kept key set while the realm is slow, without another request', async () => {
  const gatepass = start();
  const now = Math.floor(Date.now() / 1000); // the function's clock is the machine's
  await keep(gatepass, now - 60);
  const token = await gatepass.realm.token({ iat: now, exp: now + 300 });
  await withSilentRealm(async (jwksUri) => {
    gatepass.table.reset();
    const handler = await startHandler(gatepass, jwksUri);
    await handler.invoke(loadEvent('bearer-valid', token));
    expect(lastLine(handler)).toMatchObject({ reason: 'token.valid', tableRequests: 0 });
    expect(gatepass.table.operations).toEqual(['GetItem']);
  });
});

it.each(['hang', 'hang up', { status: 400, body: '{"__type":"AccessDeniedException"}' }] as const)(
  'a table that does this at the start (%j) keeps no function from starting, and nobody from being decided',
  async (trouble) => {
    const gatepass = start();
    const { key } = await gatepass.seed.user().then((userId) => gatepass.seed.key(userId));
    gatepass.table.misbehave(trouble);
    const startedAt = gatepass.clock.now();
    const handler = await runWithFakeTimers(gatepass.clock, () => startHandler(gatepass, 'http://127.0.0.1:9/certs'));
    expect(gatepass.clock.now() - startedAt).toBeLessThan(SECOND);
    gatepass.table.reset();
    await handler.invoke(loadEvent('api-key-valid', key));
    expect(lastLine(handler)).toMatchObject({ reason: 'api_key.valid', tableRequests: 1 });
  },
);

it('neither a silent realm nor a silent table holds a start up for longer than its limit', async () => {
  const gatepass = start();
  gatepass.table.misbehave('hang');
  await withSilentRealm(async (jwksUri) => {
    const startedAt = gatepass.clock.now();
    await runWithFakeTimers(gatepass.clock, () => startHandler(gatepass, jwksUri));
    const took = gatepass.clock.now() - startedAt;
    expect(took).toBeGreaterThanOrEqual(300);
    expect(took).toBeLessThan(SECOND); // loading the modules takes some of that clock's time
  });
});

it.each(['hang up', 'hang'] as const)(
  'a kept connection that died while the function was frozen (%s) costs the next decision a retry',
  async (death) => {
    const gatepass = start();
    const { key } = await gatepass.seed.user().then((userId) => gatepass.seed.key(userId));
    const handler = await startHandler(gatepass, 'http://127.0.0.1:9/certs');
    await handler.invoke(loadEvent('api-key-valid', key));
    gatepass.table.reset();
    gatepass.table.misbehave(death, 1);

    await runWithFakeTimers(gatepass.clock, () => handler.invoke(loadEvent('api-key-valid', key)));

    expect(gatepass.table.operations).toEqual(['BatchGetItem', 'BatchGetItem']);
    expect(lastLine(handler)).toMatchObject({ reason: 'api_key.valid', tableRequests: 2 });
  },
);

function lastLine({ lines }: LoadedHandler): unknown {
  return JSON.parse(lines.at(-1) ?? '');
}

/** Keeps the realm's key set in the table, as the sync does. */
async function keep({ realm, table: { endpoint } }: Gatepass, fetchedAt: number): Promise<void> {
  const { table } = connectTo(endpoint);
  const jwks = JSON.stringify({ keys: [realm.signing.jwk] });
  await putKeySet(table, ISSUER, { jwks, fetchedAt });
  table.client.destroy();
}

/** Listens as a realm would, and answers nothing. */
async function withSilentRealm(work: (jwksUri: string) => Promise<void>): Promise<void> {
  const realm = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(realm, 'listening');
  try {
    // A TCP server's address is never a string.
    await work(`http://127.0.0.1:${(realm.address() as AddressInfo).port}/certs`);
  } finally {
    realm.closeAllConnections();
    realm.close();
  }
}

function startHandler({ table }: Gatepass, jwksUri: string): Promise<LoadedHandler> {
  return loadHandler({
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: ISSUER,
    GATEPASS_AUDIENCE: AUDIENCE,
    GATEPASS_JWKS_URI: jwksUri,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  });
}
