import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { adminToken } from './support/admin-api.ts';
import { functionEnvironment } from './support/environment.ts';
import { expectAllowed, expectFault, expectNoCredentialIn, expectRefused } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { importRealm, type Realm, type RealmUser, type Tokens } from './support/realm.ts';

const keycloak = inject('keycloak');
const DEFAULT_ROLES = ['default-roles-gatepass', 'offline_access', 'uma_authorization'];
const SKEW_SECONDS = 30;

let realm: Realm;
let ada: RealmUser;
let tokens: Tokens;
let authorizer: LambdaFunction;
const functions: LambdaFunction[] = [];

/** No table can be reached: tokens need none. */
async function start(change: Readonly<Record<string, string>> = {}): Promise<LambdaFunction> {
  const started = await startFunction(functionEnvironment({ GATEPASS_ISSUER: realm.issuer, ...change }));
  functions.push(started);
  return started;
}

beforeAll(async () => {
  realm = await importRealm(keycloak);
  authorizer = await start({ GATEPASS_CLIENTS: 'demo-web,demo-service,demo-lightweight' });
  const profile = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
  ada = await realm.createUser({ username: 'ada', ...profile, roles: ['editor', 'viewer'] });
  tokens = await realm.logIn('demo-web', ada);
});

function contextOfAda(scope: string) {
  return {
    userId: ada.id,
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
    authMethod: 'bearer',
    scope,
    roles: ['editor', 'viewer', ...DEFAULT_ROLES],
    clientId: 'demo-web',
  };
}

afterAll(() => Promise.all(functions.map((one) => one.stop())));

describe('allowed', () => {
  test('a token that Keycloak issued to a user carries the whole user into the context, until its exp', async () => {
    const answer = await authorizer.authorize(`Bearer ${tokens.access_token}`);
    expectAllowed(answer, {
      reason: 'token.valid',
      context: contextOfAda('openid profile email'),
      until: { end: endOf(tokens.access_token), error: 'invalid_token' },
    });
  });

  test("a service account's token carries the account and its client", async () => {
    const token = await realm.serviceToken('demo-service');
    expectAllowed(await authorizer.authorize(`Bearer ${token}`), {
      reason: 'token.valid',
      context: {
        userId: decodeJwt(token).sub ?? '',
        authMethod: 'bearer',
        scope: 'profile email',
        roles: DEFAULT_ROLES,
        clientId: 'demo-service',
      },
      until: { end: endOf(token), error: 'invalid_token' },
    });
  });

  test('a token of an offline session, which the web client may ask for', async () => {
    const offline = await realm.logIn('demo-web', ada, 'openid offline_access');
    expectAllowed(await authorizer.authorize(`Bearer ${offline.access_token}`), {
      reason: 'token.valid',
      context: contextOfAda('openid profile email offline_access'),
      until: { end: endOf(offline.access_token), error: 'invalid_token' },
    });
    expectRefused(await authorizer.authorize(`Bearer ${offline.refresh_token}`), 'token.algorithm', 'invalid_token');
  });
});

describe('401 invalid_token', () => {
  test("the user's ID token, which has the access token's key and header", async () => {
    expectRefused(await authorizer.authorize(`Bearer ${tokens.id_token}`), 'token.type', 'invalid_token');
  });

  test("the user's refresh token", async () => {
    expectRefused(await authorizer.authorize(`Bearer ${tokens.refresh_token}`), 'token.algorithm', 'invalid_token');
  });

  test('a lightweight access token, which names no subject', async () => {
    const lightweight = await realm.logIn('demo-lightweight', ada);
    const answer = await authorizer.authorize(`Bearer ${lightweight.access_token}`);
    expectRefused(answer, 'token.subject', 'invalid_token');
  });

  test('a token of another realm of the same Keycloak', async () => {
    const answer = await authorizer.authorize(`Bearer ${await adminToken(keycloak)}`);
    expectRefused(answer, 'token.issuer', 'invalid_token');
  });

  test('a token for another audience', async () => {
    const other = await start({ GATEPASS_AUDIENCE: 'another-api' });
    expectRefused(await other.authorize(`Bearer ${tokens.access_token}`), 'token.audience', 'invalid_token');
  });

  test('a token that was issued to another client', async () => {
    const other = await start({ GATEPASS_CLIENTS: 'demo-service' });
    expectRefused(await other.authorize(`Bearer ${tokens.access_token}`), 'token.client', 'invalid_token');
  });
});

describe('401 invalid_api_key', () => {
  test('a token without the scheme Bearer', async () => {
    expectRefused(await authorizer.authorize(tokens.access_token), 'api_key.malformed', 'invalid_api_key');
  });
});

describe('503 unavailable', () => {
  test("a token while the realm's keys can't be fetched", async () => {
    const cutOff = await start({ GATEPASS_JWKS_URI: 'http://127.0.0.1:9/certs' });
    expectFault(await cutOff.authorize(`Bearer ${tokens.access_token}`), 'fault.realm_keys');
  });
});

test('the log holds none of the tokens', () => {
  expectNoCredentialIn(functions);
});

function endOf(token: string): number {
  return (decodeJwt(token).exp ?? Number.NaN) + SKEW_SECONDS;
}
