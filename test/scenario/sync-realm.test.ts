import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeycloakRealm } from '../../src/keycloak/keycloak-realm.ts';
import type { Realm } from '../../src/keycloak/realm.ts';
import { createMovedClock, type MovedClock, SECOND } from '../support/moved-clock.ts';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What stands in for Keycloak answers, by method and path. */
let answers: Map<string, Answer | 'hang up' | (() => Answer | 'hang up')>;
let asked: {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
}[];
let server: Server;
let realm: Realm;
let clock: MovedClock;

const SECRET = 'a secret: with a colon, ü and a %';
const TOKEN = 'POST /realms/main/protocol/openid-connect/token';
const user = (id: string, change: object = {}) => ({ id, enabled: true, ...change });

function token(claims: object): Answer {
  const payload = Buffer.from(JSON.stringify({ iat: 0, exp: 300, ...claims })).toString('base64url');
  return { body: { access_token: `e30.${payload}.c2ln`, expires_in: 300 } };
}

const viewUsers = { resource_access: { 'realm-management': { roles: ['view-users'] } } };

beforeEach(async () => {
  asked = [];
  answers = new Map([[TOKEN, token(viewUsers)]]);
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname.replace(/\/$/, '');
    const name = `${request.method} ${path.replace('/admin/realms/main', '')}`;
    const { authorization, 'user-agent': userAgent } = request.headers;
    asked.push({ request: `${request.method} ${request.url}`, authorization, userAgent });
    const found = answers.get(name);
    const answer = typeof found === 'function' ? found() : found;
    if (answer === 'hang up') return request.socket.destroy();
    const { status = 200, body, headers = {} }: Answer = answer ?? { status: 404, body: 'nothing here' };
    return response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's is never a string
  clock = createMovedClock();
  const address = { baseUrl: `http://127.0.0.1:${port}`, realmName: 'main' };
  realm = createKeycloakRealm(address, { clientId: 'gatepass-sync', clientSecret: SECRET }, clock.now);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a user', () => {
  it.each([
    ['is gone when the realm says so', { status: 404, body: { error: 'User not found' } }, 'gone'],
    ['is found, without what is empty', { body: user('42', { email: null }) }, user('42')],
    [
      'is found with the names that they have',
      { body: user('42', { firstName: 'A' }) },
      user('42', { firstName: 'A' }),
    ],
  ])('%s', async (_, answer, expected) => {
    answers.set('GET /users/42', answer);
    expect(await realm.findUser('42')).toEqual(expected);
  });

  it.each([
    ["a proxy's 404", { status: 404, body: '<h1>not found</h1>' }, 'realm_answer'],
    ['a 404 that says something else', { status: 404, body: { error: 'Not here' } }, 'realm_answer'],
    ['a 404 about the realm', { status: 404, body: { error: 'Realm not found.' } }, 'realm_unknown'],
    ['a page', { body: '<h1>welcome</h1>' }, 'realm_answer'],
    ['a user without a word on being enabled', { body: { id: '42' } }, 'realm_answer'],
    ['another user', { body: user('43') }, 'realm_answer'],
    ['a list', { body: [user('42')] }, 'realm_answer'],
    ['403', { status: 403, body: { error: 'HTTP 403 Forbidden' } }, 'realm_role'],
    ['a redirect', { status: 302, body: '' }, 'realm_answer'],
    ['a number', { body: 42 }, 'realm_answer'],
  ])('is neither gone nor disabled by %s', async (_, answer, code) => {
    answers.set('GET /users/42', answer);
    await expect(realm.findUser('42')).rejects.toMatchObject({ name: 'SyncError', code });
  });

  it('is not disabled whom wrong passwords have locked out, as older versions call it by id only', async () => {
    answers.set('GET /users/42', { body: user('42', { enabled: false }) });
    answers.set('GET /users', { body: [user('42')] });
    expect(await realm.findUser('42')).toMatchObject({ enabled: true });
    expect(asked.at(-1)?.request).toContain('search=id%3A42');
    answers.set('GET /users', { body: [user('42', { enabled: false })] });
    expect(await realm.findUser('42')).toMatchObject({ enabled: false });
  });
});

describe('an id', () => {
  it.each([
    ['a/b c?;ü%', 'GET /admin/realms/main/users/a%2Fb%20c%3F%3B%C3%BC%25'],
    ['...', 'GET /admin/realms/main/users/...'],
    ['counter', 'GET /admin/realms/main/users/counter'],
  ])('%s is asked for by its path', async (id, request) => {
    expect(await realm.findUser(id).catch((error: unknown) => error)).toMatchObject({ code: 'realm_answer' });
    expect(asked.at(-1)?.request).toBe(request);
  });

  it.each(['.', '..', 'count', 'profile'])('%s, whose path is another, is searched for', async (id) => {
    answers.set('GET /users', { body: [user(id)] });
    expect(await realm.findUser(id)).toEqual(user(id));
    expect(asked.at(-1)?.request).toContain(`/users/?search=id%3A${id}`);
    await expect(realm.rolesOf(id)).rejects.toMatchObject({ code: 'realm_answer' });
    answers.set('GET /users', { body: [user('other')] });
    expect(await realm.findUser(id)).toBe('gone');
  });
});

describe('what fails in passing', () => {
  it.each<[string, Answer | 'hang up']>([
    ['500', { status: 500, body: { error: 'unknown_error' } }],
    ['503', { status: 503, body: 'starting' }],
    ['429', { status: 429, body: '' }],
    ['no answer', 'hang up'],
  ])('is asked again, up to three times: %s', async (_, failure) => {
    let failures = 2;
    answers.set('GET /users/42', () => (failures-- > 0 ? failure : { body: user('42') }));
    expect(await realm.findUser('42')).toEqual(user('42'));
    failures = 3;
    await expect(realm.findUser('42')).rejects.toMatchObject({ code: 'realm_unreachable' });
    expect(realm.requests()).toBe(asked.length);
  });

  it.each([400, 401, 403, 404])('is not asked again for what stays so: %i', async (status) => {
    answers.set(TOKEN, { status: 401, body: { error: 'invalid_client' } });
    await expect(realm.findUser('42')).rejects.toMatchObject({ code: 'realm_credentials' });
    expect(asked).toHaveLength(1);
    answers.set(TOKEN, token(viewUsers));
    asked.length = 0;
    answers.set('GET /users/42', { status, body: { error: 'no' } });
    await expect(realm.findUser('42')).rejects.toBeInstanceOf(Error);
    expect(asked.filter(({ request }) => request.includes('/users/42'))).toHaveLength(status === 401 ? 2 : 1);
  });
});

describe('a realm that can not be asked', () => {
  const failure = () => realm.findUser('42').then(String, (error: Error) => error);

  it('is told as disabled, and not as one that lacks a role', async () => {
    answers.set(TOKEN, { status: 403, body: { error: 'access_denied', error_description: 'Realm not enabled' } });
    expect(await failure()).toMatchObject({ code: 'realm_disabled', message: expect.stringContaining('is disabled') });
  });

  it.each([301, 302, 307, 308])('but points elsewhere (%i) is told with where to, and not followed', async (status) => {
    const location = 'https://id.example.com/auth/realms/main/protocol/openid-connect/token?secret=1#secret';
    answers.set(TOKEN, { status, body: '', headers: { location } });
    const message = expect.stringMatching(
      new RegExp(`${status}, which points to https://id\\.example\\.com/[a-z/-]+ from`),
    );
    expect(await failure()).toMatchObject({ code: 'realm_answer', message });
    expect(asked).toHaveLength(1);
  });

  it('and says so by its name on every request, since firewalls refuse those that have none', async () => {
    answers.set('GET /users/42', { body: user('42') });
    answers.set('GET /realms/main/protocol/openid-connect/certs', { body: { keys: [] } });
    await realm.findUser('42');
    await realm.keySet();
    expect(asked.map(({ userAgent }) => userAgent)).toEqual(Array(3).fill(expect.stringMatching(/^gatepass\/\d+\./)));
  });
});

describe("the service account's token", () => {
  it('is got with the secret in the header, whatever its characters, and used until shortly before its end', async () => {
    answers.set('GET /users/42', { body: user('42') });
    await realm.findUser('42');
    clock.advance(289 * SECOND);
    await realm.findUser('42');
    expect(asked.map(({ request }) => request.split(' ')[0])).toEqual(['POST', 'GET', 'GET']);
    const [, basic = ''] = asked[0]?.authorization?.split(' ') ?? [];
    const pair = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    expect(pair).toEqual(['gatepass-sync', SECRET]);
    clock.advance(SECOND);
    await realm.findUser('42');
    expect(asked.map(({ request }) => request.split(' ')[0]).slice(3)).toEqual(['POST', 'GET']);
  });

  it('is made new when the realm no longer takes it', async () => {
    let refused = false;
    answers.set('GET /users/42', () => {
      if (refused) return { body: user('42') };
      refused = true;
      return { status: 401, body: { error: 'HTTP 401 Unauthorized' } };
    });
    expect(await realm.findUser('42')).toEqual(user('42'));
    expect(asked.filter(({ request }) => request.startsWith('POST'))).toHaveLength(2);
  });

  it('with less than view-users is of no use, since Keycloak lists nobody for it and calls that a success', async () => {
    answers.set('GET /users', { body: [] });
    answers.set(TOKEN, token({ sub: 'me', resource_access: { 'realm-management': { roles: ['query-users'] } } }));
    answers.set('GET /users/me', { body: user('me') });
    await expect(realm.disabledUsers().next()).rejects.toMatchObject({ code: 'realm_role' });
  });

  it('that tells no roles has to show a user, itself', async () => {
    answers.set('GET /users', { body: [] });
    answers.set(TOKEN, token({ sub: 'me' }));
    answers.set('GET /users/me', { status: 403, body: { error: 'HTTP 403 Forbidden' } });
    await expect(realm.disabledUsers().next()).rejects.toMatchObject({ code: 'realm_role' });
    answers.set('GET /users/me', { body: user('me') });
    expect(await realm.disabledUsers().next()).toMatchObject({ done: true });
  });

  it('and the secret are in no error, nor in what it carries along', async () => {
    answers.set('GET /users/42', { status: 500, body: { error: 'unknown_error' } });
    const error = await realm.findUser('42').catch((thrown: unknown) => thrown);
    const { inspect } = await import('node:util');
    const all = inspect(error, { depth: 10, showHidden: true });
    for (const secret of [SECRET, encodeURIComponent(SECRET), 'c2ln']) expect(all).not.toContain(secret);
  });
});

describe('lists', () => {
  it('are read page by page to their end, without service accounts', async () => {
    const all = Array.from({ length: 1001 }, (_, index) => user(`user-${index}`, { enabled: false }));
    all.push(user('robot', { enabled: false, serviceAccountClientId: 'demo' }));
    answers.set('GET /users', () => {
      const query = new URL(asked.at(-1)?.request.split(' ')[1] ?? '', 'http://localhost').searchParams;
      const [first, max] = [Number(query.get('first')), Number(query.get('max'))];
      return { body: query.get('enabled') === 'false' ? all.slice(first, first + max) : [] };
    });
    const ids: string[] = [];
    for await (const id of realm.disabledUsers()) ids.push(id);
    expect(ids).toEqual(all.slice(0, 1001).map(({ id }) => id));
    expect(realm.requests()).toBe(3);
  });
});

describe('admin events', () => {
  it.each([
    ['kept', { body: { adminEventsEnabled: true } }],
    ['off', { body: { adminEventsEnabled: false } }],
    ['not_allowed', { status: 403, body: { error: 'HTTP 403 Forbidden' } }],
  ])('are %s as the realm says', async (expected, answer) => {
    answers.set('GET /events/config', answer);
    expect(await realm.events()).toBe(expected);
  });

  it('that may no longer be read are an error that names their role', async () => {
    answers.set('GET /admin-events', { status: 403, body: { error: 'HTTP 403 Forbidden' } });
    await expect(realm.adminEvents(0).next()).rejects.toThrow('the role view-events of the client realm-management');
  });

  it('of a version that gives them no id are told apart by what they are', async () => {
    const event = { time: 5, operationType: 'UPDATE', resourcePath: 'users/42' };
    answers.set('GET /admin-events', { body: [event] });
    expect((await realm.adminEvents(0).next()).value).toEqual({ id: '5 UPDATE users/42', time: 5, path: 'users/42' });
    expect(asked.at(-1)?.request).toMatch(/dateFrom=0&resourceTypes=USER&/);
  });
});
