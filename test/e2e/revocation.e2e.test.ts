import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { CLOCK_SKEW_SECONDS } from '../../src/bearer/claims.ts';
import { forEachOf } from '../../src/pool.ts';
import { sync } from '../../src/sync/sync.ts';
import { formatTable } from '../../src/terminal/format.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import { AWS } from './support/environment.ts';
import { gatepass } from './support/gatepass.ts';
import { type LocalGateway, startLocalGateway } from './support/local-gateway.ts';
import { type LogoutReceiver, startLogoutReceiver } from './support/logout-receiver.ts';
import type { RealmUser, Tokens } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

const CLIENT = 'demo-web';
const TTL_SECONDS = 3;

let realm: SyncedRealm;
let table: TestTable;
let receiver: LogoutReceiver;
/** The local API Gateway, which keeps decisions, and one that asks each time. */
let cached: LocalGateway;
let uncached: LocalGateway;
let users = 0;

/** Of a session that lives for 5 s from the beginning. */
let shortLived: Tokens;

const times: Record<string, string | undefined>[] = [];

beforeAll(async () => {
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-revocation');
  await realm.grant('view-events');
  await realm.admin.put('/events/config', { adminEventsEnabled: true });
  table = await createTestTable(inject('dynamoDbEndpoint'), 'revocation');
  receiver = await startLogoutReceiver({
    ...AWS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    GATEPASS_TABLE: table.name,
    GATEPASS_ISSUER: realm.issuer,
    GATEPASS_LOGOUT_CLIENTS: CLIENT,
  });
  await changeClient({ 'backchannel.logout.url': receiver.url, 'backchannel.logout.session.required': 'true' });
  const parts = ['--issuer', realm.issuer, '--audience', 'demo-api', '--account-check', 'all'];
  const at = ['--table', table.name, '--endpoint-url', table.endpoint];
  [cached, uncached] = await Promise.all([
    startLocalGateway([...parts, ...at, '--ttl', String(TTL_SECONDS)], AWS),
    startLocalGateway([...parts, ...at, '--ttl', '0'], AWS),
  ]);
  await pass();
  await changeClient({ 'client.session.max.lifespan': '5' });
  ({ tokens: shortLived } = await signedIn());
  await changeClient({ 'client.session.max.lifespan': '' });
  await expectLetIn(shortLived);
}, 180_000);

afterAll(async () => {
  await cached?.stop();
  await uncached?.stop();
  await receiver?.stop();
  process.stdout.write(`\n${formatTable(times)}\n`);
  await realm?.proxy.stop();
});

beforeEach(() => {
  receiver.behave('answers');
});

/** Changes the client's attributes, as its settings in the console do. */
async function changeClient(attributes: Readonly<Record<string, string>>): Promise<void> {
  const clients = await realm.admin.get(`/clients?clientId=${CLIENT}`);
  const [client] = v.parse(
    v.tuple([v.looseObject({ id: v.string(), attributes: v.record(v.string(), v.unknown()) })]),
    clients,
  );
  await realm.admin.put(`/clients/${client.id}`, { ...client, attributes: { ...client.attributes, ...attributes } });
}

/** A user of the realm with a session; with an account, if told so. */
async function signedIn(scope?: string): Promise<{ readonly user: RealmUser; readonly tokens: Tokens }> {
  const username = `user-${++users}`;
  const user = await realm.createUser({ username, email: `${username}@e.com`, firstName: 'U', lastName: 'Ser' });
  await pass(); // has seen all events until now
  return { user, tokens: await realm.logIn(CLIENT, user, scope) };
}

/** A quick pass of the sync, which the template has one run each minute. */
function pass(options: Partial<Parameters<typeof sync>[1]> = {}): ReturnType<typeof sync> {
  return sync({ realm: realm.connect(), table, issuer: realm.issuer }, { pass: 'quick', ...options });
}

async function statusOf({ origin }: LocalGateway, { access_token }: Tokens): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await fetch(`${origin}/prod/api/v1/whoami`, { headers })).status;
}

/** How long it took until a gateway refused, in milliseconds. */
async function untilRefused(gateway: LocalGateway, tokens: Tokens, since: number): Promise<number> {
  for (;;) {
    if ((await statusOf(gateway, tokens)) === 401) return performance.now() - since;
    if (performance.now() - since > 20_000) throw new Error('It is still let in after 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function expectLetIn(tokens: Tokens): Promise<void> {
  expect([await statusOf(cached, tokens), await statusOf(uncached, tokens)]).toEqual([200, 200]);
}

/** Let in before an act and refused after it: at once by a gateway that asks, within the TTL by one that keeps. */
async function expectCutOff(act: string, tokens: Tokens, doIt: () => Promise<unknown>): Promise<void> {
  await expectLetIn(tokens);
  const began = performance.now();
  await doIt();
  const done = performance.now();
  const asked = await untilRefused(uncached, tokens, done);
  const kept = await untilRefused(cached, tokens, done);
  expect(asked).toBeLessThan(2000);
  expect(kept).toBeLessThan(TTL_SECONDS * 1000 + 2000);
  const inMs = (milliseconds: number) => `${Math.round(milliseconds)} ms`;
  times.push({ ACT: act, TOOK: inMs(done - began), 'REFUSED, UNCACHED': inMs(asked), 'REFUSED, CACHED': inMs(kept) });
}

async function post(path: string, form: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`${realm.issuer}/protocol/openid-connect/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: CLIENT, ...form }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
}

/** Asks what the account console asks, as the user does there. */
async function asUser({ access_token }: Tokens, method: string, path: string, body?: object): Promise<void> {
  const headers = { authorization: `Bearer ${access_token}`, accept: 'application/json' };
  const json = body && { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${realm.issuer}/account${path}`, { method, headers, ...json });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
}

/** What the form for a user's consent leaves behind. */
async function consent(tokens: Tokens): Promise<void> {
  const scopes = v.parse(
    v.array(v.object({ id: v.string(), name: v.string() })),
    await realm.admin.get('/client-scopes'),
  );
  const grantedScopes = scopes.filter(({ name }) => name === 'profile');
  await asUser(tokens, 'POST', `/applications/${CLIENT}/consent`, { grantedScopes });
}

const signOut = ({ refresh_token }: Tokens) => post('logout', { refresh_token });
const claimsOf = ({ access_token }: Tokens) =>
  v.parse(
    v.object({ sid: v.string(), iat: v.number(), exp: v.number() }),
    JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()),
  );

describe('told by back-channel logout', () => {
  test('a sign-out', async () => {
    const { tokens } = await signedIn();
    await expectCutOff('sign-out', tokens, () => signOut(tokens));
    expect(receiver.told.at(-1)).toMatchObject({ status: 200 });
  });

  test('a sign-out of an offline session', async () => {
    const { tokens } = await signedIn('openid offline_access');
    await expectCutOff('sign-out, offline session', tokens, () => signOut(tokens));
  });

  test('a session ended by an administrator, and no other of the same user', async () => {
    const { user, tokens } = await signedIn();
    const other = await realm.logIn(CLIENT, user);
    await expectCutOff('session ended by an admin', tokens, () => realm.remove(`/sessions/${claimsOf(tokens).sid}`));
    expect(await statusOf(uncached, other)).toBe(200);
  });

  test('a user logged out by an administrator, who may sign in again', async () => {
    const { user, tokens } = await signedIn();
    await expectCutOff('user logged out by an admin', tokens, () => realm.admin.post(`/users/${user.id}/logout`, {}));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expectLetIn(await realm.logIn(CLIENT, user));
  });
});

describe('told by back-channel logout too', () => {
  test.each<[string, (user: RealmUser, tokens: Tokens) => Promise<void>]>([
    ['an administrator', ({ id }) => realm.remove(`/users/${id}/consents/${CLIENT}`)],
    ['its user', (_, tokens) => asUser(tokens, 'DELETE', `/applications/${CLIENT}/consent`)],
  ])(
    'a consent withdrawn by %s, which ends the sessions at that client, but of an offline one nothing',
    async (by, withdraw) => {
      const { user, tokens } = await signedIn();
      const offline = await realm.logIn(CLIENT, user, 'openid offline_access');
      await consent(tokens);
      await expectLetIn(offline);
      await expectCutOff(`consent withdrawn by ${by}`, tokens, () => withdraw(user, tokens));
      expect(await statusOf(uncached, offline)).toBe(200);
      const { refresh_token } = offline;
      await expect(post('token', { grant_type: 'refresh_token', refresh_token })).rejects.toThrow('400');
    },
  );

  test('signing out of all devices in the account console', async () => {
    const { user, tokens } = await signedIn();
    const other = await realm.logIn(CLIENT, user);
    await expectLetIn(other);
    await expectCutOff('signed out everywhere by the user', tokens, () =>
      asUser(tokens, 'DELETE', '/sessions?current=true'),
    );
    expect(await statusOf(uncached, other)).toBe(401);
  });
});

describe('seen by the sync', () => {
  test('a user logged out by an administrator, though the receiver was down', async () => {
    const { user, tokens } = await signedIn();
    receiver.behave('is down');
    await expectLetIn(tokens);
    await realm.admin.post(`/users/${user.id}/logout`, {});
    expect(await statusOf(uncached, tokens)).toBe(200);
    await expectCutOff('user logged out by an admin, by the sync', tokens, () => pass());
  });

  test('a user logged out by an administrator before, by a full pass', async () => {
    const { user, tokens } = await signedIn();
    receiver.behave('is down');
    await realm.admin.post(`/users/${user.id}/logout`, {});
    await expectCutOff('the same, by a full pass', tokens, () => pass({ pass: 'full' }));
  });

  test.each([
    ['disabled', (id: string) => realm.update(id, { enabled: false })],
    ['deleted', (id: string) => realm.remove(`/users/${id}`)],
  ])('a user %s, with an account and without', async (act, doIt) => {
    for (const has of ['without an account', 'with an account']) {
      const { user, tokens } = await signedIn();
      if (has === 'with an account') await table.commandDone('users', 'create', user.id);
      await expectCutOff(`user ${act}, ${has}, by the sync`, tokens, async () => {
        await doIt(user.id);
        await pass();
      });
    }
  });
});

describe('not told to anybody', () => {
  test.each([
    [
      'a password changed by an administrator',
      ({ user }: { user: RealmUser }) =>
        realm.admin.put(`/users/${user.id}/reset-password`, { type: 'password', value: 'another-password' }),
    ],
    ['a refresh token revoked', ({ tokens }: { tokens: Tokens }) => post('revoke', { token: tokens.refresh_token })],
    ['an access token revoked', ({ tokens }: { tokens: Tokens }) => post('revoke', { token: tokens.access_token })],
  ])('%s: the token works on', async (act, doIt) => {
    const one = await signedIn();
    const told = receiver.told.length;
    await doIt(one);
    await pass();
    await expectLetIn(one.tokens);
    expect(receiver.told.length).toBe(told);
    times.push({ ACT: act, TOOK: undefined, 'REFUSED, UNCACHED': 'at exp', 'REFUSED, CACHED': 'at exp' });
  });
});

describe('gatepass users logout', () => {
  const logOut = (userId: string, ...args: readonly string[]) =>
    gatepass(
      [
        ...['users', 'logout', userId, '--issuer', realm.issuer, '--table', table.name],
        ...['--endpoint-url', table.endpoint, ...args],
      ],
      { ...AWS, GATEPASS_SYNC_CLIENT_SECRET: realm.clientSecret },
    );

  test('changes nothing before its client may end sessions', async () => {
    const { user, tokens } = await signedIn();
    const { exitCode, stderr } = await logOut(user.id);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('manage-users') });
    await expectLetIn(tokens);
  });

  test('ends sessions, offline ones too, and then tokens and keys', async () => {
    await realm.grant('manage-users');
    const { user, tokens } = await signedIn();
    const offline = await realm.logIn(CLIENT, user, 'openid offline_access');
    await table.commandDone('users', 'create', user.id);
    const key = await table.createKey(user.id);
    receiver.behave('is down');
    await expectLetIn(offline);
    await expectCutOff('gatepass users logout --keys', tokens, async () => {
      const { exitCode, stdout, stderr } = await logOut(user.id, '--keys', '--json');
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ userId: user.id, realm: { offlineSessions: 1 } });
    });
    expect(await statusOf(uncached, offline)).toBe(401);
    const answer = await fetch(`${uncached.origin}/prod/api/v1/whoami`, { headers: { authorization: key } });
    expect(answer.status).toBe(401);
    for (const { refresh_token } of [tokens, offline]) {
      await expect(post('token', { grant_type: 'refresh_token', refresh_token })).rejects.toThrow('400');
    }
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await expectLetIn(await realm.logIn(CLIENT, user));
    await realm.revoke('manage-users');
  });
});

describe('a receiver', () => {
  test('that is down holds up no sign-out, and its session is lost: the token works on', async () => {
    const { tokens } = await signedIn();
    receiver.behave('is down');
    const began = performance.now();
    await signOut(tokens);
    expect(performance.now() - began).toBeLessThan(3000);
    await expectLetIn(tokens);
  });

  test('that is slow holds a sign-out up for 5 s, and cuts off when it gets there', async () => {
    const { tokens } = await signedIn();
    receiver.behave(6000);
    await expectLetIn(tokens);
    const began = performance.now();
    await signOut(tokens);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(4500);
    expect(took).toBeLessThan(8000);
    await untilRefused(uncached, tokens, performance.now());
  }, 40_000);

  test('that is told twice, and of an older logout after a newer one, comes to the same', async () => {
    const { user, tokens } = await signedIn();
    await signOut(tokens);
    const first = receiver.told.at(-1)?.body ?? '';
    expect(await receiver.repeat(first)).toBe(200);
    expect(await statusOf(uncached, tokens)).toBe(401);
    const next = await realm.logIn(CLIENT, user);
    await signOut(next);
    expect(await receiver.repeat(first)).toBe(200);
    expect(await statusOf(uncached, next)).toBe(401);
    expect(Math.max(...receiver.told.map(({ milliseconds }) => milliseconds))).toBeLessThan(4000);
  });

  test('that is told a thousand times, twenty at a time, comes to the same', async () => {
    const { tokens } = await signedIn();
    await signOut(tokens);
    const body = receiver.told.at(-1)?.body ?? '';
    const statuses = new Set<number>();
    const began = performance.now();
    await forEachOf(Array.from({ length: 1000 }), 20, async () => {
      statuses.add(await receiver.repeat(body));
    });
    times.push({ ACT: '1,000 logouts, 20 at a time', TOOK: `${Math.round(performance.now() - began)} ms` });
    expect(statuses).toEqual(new Set([200]));
    expect(await statusOf(uncached, tokens)).toBe(401);
  }, 60_000);

  test('refuses every other token of the realm', async () => {
    const { tokens } = await signedIn();
    for (const token of Object.values(tokens).filter((one): one is string => typeof one === 'string')) {
      expect(await receiver.repeat(`logout_token=${token}`)).toBe(400);
    }
    await expectLetIn(tokens);
  });
});

describe('gatepass doctor', () => {
  const clientsFound = async () => {
    const args = ['--issuer', realm.issuer, '--audience', 'demo-api', '--logout-clients', CLIENT, '--json'];
    const env = { ...AWS, GATEPASS_SYNC_CLIENT_SECRET: realm.clientSecret };
    const { stdout } = await gatepass(['doctor', ...args], env);
    const { findings } = v.parse(
      v.object({ findings: v.array(v.object({ name: v.string(), severity: v.string() })) }),
      JSON.parse(stdout),
    );
    const ofLogout = findings.filter(({ name }) => name.startsWith('logout.'));
    return Object.fromEntries(ofLogout.map(({ name, severity }) => [name, severity]));
  };
  const WELL = {
    'logout.clients': 'ok',
    'logout.backchannel_url': 'ok',
    'logout.session_required': 'ok',
    'logout.front_channel': 'ok',
    'logout.token_lifetime': 'ok',
  };

  test('sees what the clients tell, and how long their tokens live', async () => {
    expect(await clientsFound()).toMatchObject({ 'logout.clients': 'skipped', 'logout.front_channel': 'skipped' });
    await realm.grant('view-clients');
    expect(await clientsFound()).toEqual(WELL);
    await changeClient({ 'access.token.lifespan': '43201' });
    expect(await clientsFound()).toEqual({ ...WELL, 'logout.token_lifetime': 'problem' });
    // As long as the session, which lives for 10 hours.
    await changeClient({ 'access.token.lifespan': '-1', 'backchannel.logout.session.required': 'false' });
    expect(await clientsFound()).toEqual({ ...WELL, 'logout.session_required': 'problem' });
    const restored = { 'access.token.lifespan': '', 'backchannel.logout.session.required': 'true' };
    await changeClient({ ...restored, 'backchannel.logout.url': '' });
    expect(await clientsFound()).toEqual({ ...WELL, 'logout.backchannel_url': 'problem' });
    await changeClient({ 'backchannel.logout.url': receiver.url });
  });
});

test('the receiver has logged nothing of a token', () => {
  const tokens = receiver.told.flatMap(({ body }) => body.replace(/^logout_token=/, '').split('.'));
  expect(tokens.length).toBeGreaterThan(100);
  expect(tokens.filter((part) => part.length > 16 && receiver.output().includes(part))).toEqual([]);
  expect(receiver.output()).toContain('"outcome":"done"');
});

describe('a session that is over', () => {
  test('by its lifespan needs nobody to tell: its tokens end with it', async () => {
    const { iat, exp } = claimsOf(shortLived);
    expect(exp - iat).toBeLessThanOrEqual(5);
    const told = receiver.told.length;
    const untilEnd = (exp + CLOCK_SKEW_SECONDS) * 1000 - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilEnd)));
    expect([await statusOf(cached, shortLived), await statusOf(uncached, shortLived)]).toEqual([401, 401]);
    expect(receiver.told.length).toBe(told);
    times.push({ ACT: 'lifespan of a session over', 'REFUSED, UNCACHED': 'at exp', 'REFUSED, CACHED': 'at exp' });
  });

  test('since it was idle leaves its tokens: they work on', async () => {
    await changeClient({ 'client.session.idle.timeout': '1' });
    const { tokens } = await signedIn();
    const told = receiver.told.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const { refresh_token } = tokens;
    await expect(post('token', { grant_type: 'refresh_token', refresh_token })).rejects.toThrow('400');
    await changeClient({ 'client.session.idle.timeout': '' });
    await pass();
    await expectLetIn(tokens);
    expect(receiver.told.length).toBe(told);
    times.push({ ACT: 'session idle for too long', 'REFUSED, UNCACHED': 'at exp', 'REFUSED, CACHED': 'at exp' });
  });
});

/** Last, since they cut everybody off. */
describe('of the whole realm, seen by the sync', () => {
  test('all sessions ended ("logout all")', async () => {
    const { tokens } = await signedIn();
    await expectCutOff('all sessions ended, by the sync', tokens, async () => {
      await realm.admin.post('/logout-all', {});
      await pass();
    });
  });

  test('revocation pushed ("not before" set to now)', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const { tokens } = await signedIn();
    await expectCutOff('revocation pushed, by the sync', tokens, async () => {
      await realm.admin.put('', { notBefore: Math.floor(Date.now() / 1000) });
      await realm.admin.post('/push-revocation', {});
      await pass();
    });
  });
});
