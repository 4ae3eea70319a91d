import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogoutVerifier } from '../../src/bearer/logout-token.ts';
import { createRealmKeys } from '../../src/bearer/realm-keys.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createLogoutLog } from '../../src/logout/log.ts';
import { createReceiver, type Receiver } from '../../src/logout/receiver.ts';
import { revokedSessionAt, revokedUserAt } from '../../src/table/items.ts';
import { readItem } from '../../src/table/read.ts';
import { raiseNotBefore } from '../../src/table/revocations.ts';
import { useGatepass } from '../support/gatepass.ts';
import { LOGOUT_CLIENT, logoutClaims, logoutEvent, logoutToken } from '../support/logout.ts';
import { createMovedClock, type MovedClock, SECOND } from '../support/moved-clock.ts';
import { type Claims, createRealm, ISSUER, type Realm } from '../support/realm.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const startGatepass = useGatepass();

let embedded: EmbeddedTable;
let clock: MovedClock;
let realm: Realm;
let lines: string[];
let receive: Receiver;
let users = 0;
/** A user of each test's own. */
let sub: string;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});

afterAll(() => embedded.stop());

beforeEach(() => {
  clock = createMovedClock();
  realm = createRealm(clock);
  lines = [];
  sub = `user-${++users}`;
  const { now } = clock;
  const realmKeys = createRealmKeys({
    uri: `${ISSUER}/certs`,
    timeoutMs: 2000,
    fetchJwks: realm.fetchJwks,
    readKept: async () => undefined,
    now,
    random: () => 0,
  });
  receive = createReceiver({
    verify: createLogoutVerifier({ realmKeys, issuer: ISSUER, clients: [LOGOUT_CLIENT], now }),
    table: embedded.table,
    maxTokenLifetime: 3600,
    log: createLogoutLog((line) => lines.push(line), now),
    now,
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const tokenWith = (change: Claims = {}) => logoutToken(realm, logoutClaims(clock.seconds(), { sub, ...change }));
const form = (token: string) => `logout_token=${token}`;
const session = () => readItem(embedded.table, revokedSessionAt(sub, 'session-1'));
const user = () => readItem(embedded.table, revokedUserAt(sub));
const lastLine = (): unknown => JSON.parse(lines.at(-1) ?? '');

async function tell(change: Claims = {}) {
  return receive(logoutEvent(form(await tokenWith(change))));
}

const DONE = { statusCode: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };
const REFUSED = {
  statusCode: 400,
  headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' },
  body: '{"error":"invalid_request"}',
};

describe('200: a logout', () => {
  it('of a session revokes the tokens of that session, for as long as one may live', async () => {
    expect(await tell()).toStrictEqual(DONE);
    const notBefore = clock.seconds();
    const lasting = { notBefore, purgeAt: notBefore + 3600 + 30 };
    expect(await session()).toEqual({ ...revokedSessionAt(sub, 'session-1'), ...lasting });
    expect(await user()).toBeUndefined();
    expect(lastLine()).toMatchObject({
      level: 'INFO',
      outcome: 'done',
      userId: sub,
      sourceIp: '192.0.2.1',
      logouts: 1,
    });
  });

  it("of a user revokes all of the user's tokens", async () => {
    expect(await tell({ sid: undefined })).toStrictEqual(DONE);
    expect(await user()).toMatchObject({ notBefore: clock.seconds() });
  });

  it('that ends offline sessions revokes both', async () => {
    expect(await tell({ events: { [EVENT]: {}, revoke_offline_access: true } })).toStrictEqual(DONE);
    expect(await session()).toMatchObject({ notBefore: clock.seconds() });
    expect(await user()).toMatchObject({ notBefore: clock.seconds() });
  });

  it('changes nothing when it is told twice, or after a later one', async () => {
    const [first, second] = [await tokenWith(), await tokenWith({ iat: clock.seconds() + 9 })];
    for (const token of [second, first, first, second]) {
      expect(await receive(logoutEvent(form(token)))).toStrictEqual(DONE);
      expect(await session()).toMatchObject({ notBefore: clock.seconds() + 9 });
    }
  });

  it('gives no end to what an operator has revoked up to the same second', async () => {
    await raiseNotBefore(embedded.table, revokedUserAt(sub), { notBefore: clock.seconds() });
    expect(await tell({ sid: undefined })).toStrictEqual(DONE);
    expect(await user()).toStrictEqual({ ...revokedUserAt(sub), notBefore: clock.seconds() });
  });

  it.each([
    ['in base64', (body: string) => logoutEvent(Buffer.from(body).toString('base64'), { isBase64Encoded: true })],
    ['beside other fields', (body: string) => logoutEvent(`a=1&${body}&b=2`)],
    [
      'with a character set, under a header of any case',
      (body: string) =>
        logoutEvent(body, { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } }),
    ],
  ])('is taken %s', async (_, event) => {
    expect(await receive(event(form(await tokenWith())))).toStrictEqual(DONE);
  });

  it('costs a write, and reads nothing', async () => {
    const send = vi.spyOn(embedded.table.client, 'send');
    await tell();
    expect(send.mock.calls.map(([command]) => command.constructor)).toEqual([PutCommand]);
  });

  it('is taken a thousand times at once, of a thousand users', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `${sub}-${index}`);
    const events = await Promise.all(ids.map(async (id) => logoutEvent(form(await tokenWith({ sub: id })))));
    const put = new Set<unknown>();
    // A table that takes no time: what is shown is the receiver's own.
    vi.spyOn(embedded.table.client, 'send').mockImplementation(async (command) => {
      if (command instanceof PutCommand) put.add(command.input.Item?.['pk']);
    });
    const answers = await Promise.all(events.map((event) => receive(event)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(put).toEqual(new Set(ids.map((id) => revokedUserAt(id).pk)));
    expect(realm.fetched).toHaveLength(1);
  }, 60_000);
});

describe('400: a request', () => {
  it.each<[string, (token: string) => ReturnType<typeof logoutEvent>]>([
    ['of another method', (token) => logoutEvent(form(token), { httpMethod: 'PUT' })],
    ['of another type', (token) => logoutEvent(form(token), { headers: { 'Content-Type': 'text/plain' } })],
    [
      'of a type that only begins so',
      (token) => logoutEvent(form(token), { headers: { 'Content-Type': 'application/x-www-form-urlencoded-2' } }),
    ],
    ['without headers', (token) => logoutEvent(form(token), { headers: {} })],
    ['without a body', () => logoutEvent('', { body: null })],
    ['without a token', () => logoutEvent('token=x')],
    ['with two tokens', (token) => logoutEvent(`${form(token)}&${form(token)}`)],
    [
      'by GET, with the token in its query',
      (token) => logoutEvent('', { httpMethod: 'GET', body: null, queryStringParameters: { logout_token: token } }),
    ],
    [
      'with the token in its query and a form without one',
      (token) => logoutEvent('a=1', { queryStringParameters: { logout_token: token } }),
    ],
    ['of JSON', (token) => logoutEvent(JSON.stringify({ logout_token: token }))],
    ['of several parts', (token) => logoutEvent(form(token), { headers: { 'Content-Type': 'multipart/form-data' } })],
    ['said to be in base64, which it is not', (token) => logoutEvent(form(token), { isBase64Encoded: true })],
    [
      'in base64, which is not said',
      (token) => logoutEvent(Buffer.from(form(token)).toString('base64'), { isBase64Encoded: false }),
    ],
    ['with a token in a field of other letters', (token) => logoutEvent(`Logout_Token=${token}`)],
    ['with an empty token beside it', (token) => logoutEvent(`logout_token=&${form(token)}`)],
    ['with more than 10,000 bytes', (token) => logoutEvent(`${form(token)}&a=`.padEnd(10_001, 'x'))],
  ])('%s is refused, and changes nothing', async (_, event) => {
    const token = await tokenWith();
    expect(await receive(event(token))).toStrictEqual(REFUSED);
    expect(await session()).toBeUndefined();
    expect(lines.join('')).not.toContain(token.split('.')[2]);
    expect(lastLine()).toMatchObject({ level: 'WARN', outcome: 'refused', reason: 'logout.request' });
  });

  it('of exactly 10,000 bytes is taken', async () => {
    expect(await receive(logoutEvent(`${form(await tokenWith())}&a=`.padEnd(10_000, 'x')))).toStrictEqual(DONE);
  });

  it('with an access token is refused, and changes nothing', async () => {
    expect(await receive(logoutEvent(form(await realm.token({ sub, aud: LOGOUT_CLIENT }))))).toStrictEqual(REFUSED);
    expect(await user()).toBeUndefined();
    expect(lastLine()).toMatchObject({ reason: 'logout.type' });
    expect(lastLine()).not.toHaveProperty('userId');
  });

  it('is the answer too when the table fails, which the log says', async () => {
    vi.spyOn(embedded.table.client, 'send').mockRejectedValue(new Error('throttled'));
    expect(await tell()).toStrictEqual({ ...REFUSED, body: '{"error":"temporarily_unavailable"}' });
    expect(lastLine()).toMatchObject({ level: 'ERROR', outcome: 'fault', fault: expect.stringContaining('throttled') });
  });

  it("is the answer too when the realm's keys can not be had", async () => {
    realm.answer(new Error('down'));
    expect(await tell()).toMatchObject({ statusCode: 400, body: '{"error":"temporarily_unavailable"}' });
    expect(lastLine()).toMatchObject({ level: 'ERROR', outcome: 'fault', reason: 'fault.realm_keys' });
  });

  it('is the answer after 4 s at the latest, since Keycloak waits for 5', async () => {
    const event = logoutEvent(form(await tokenWith()));
    vi.useFakeTimers({ now: clock.now() });
    const { release } = realm.hold();
    const answer = receive(event);
    await vi.advanceTimersByTimeAsync(4 * SECOND);
    expect(await answer).toMatchObject({ statusCode: 400 });
    release();
    vi.useRealTimers();
  });
});

it('a logout token is no access token', async () => {
  const gatepass = startGatepass();
  const claims = logoutClaims(gatepass.clock.seconds(), { aud: 'orders-api', azp: 'orders-web' });
  const { log } = await gatepass.answer(`Bearer ${await logoutToken(gatepass.realm, claims)}`);
  expect(log.reason).toBe('token.type');
});
