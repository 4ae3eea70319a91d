import { describe, expect, it } from 'vitest';
import { PUBLIC_ANSWERS, type PublicError } from '../../src/decision.ts';
import { AUDIENCE, CLIENT } from '../support/realm.ts';
import { makeKey, withOtherSecret } from '../support/seed.ts';
import { deployedApi } from './support/api.ts';
import { bodyOf, REQUEST_ID } from './support/client.ts';
import { changeAccount, changeKey } from './support/memory-table.ts';
import { createScene, type Scene, USER } from './support/scene.ts';

// The gateway responses are template.yaml's, by
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

type Headers = readonly (readonly [name: string, value: string])[];

interface Refusal {
  readonly headers: (scene: Scene) => Promise<Headers> | Headers;
  readonly error: PublicError;
  /** What API Gateway itself answers where it needs an identity source. */
  readonly cachedError?: PublicError;
}

const authorization = (value: string): Headers => [['Authorization', value]];

function refusedToken(change: object): Refusal {
  return {
    headers: async ({ realm }) => authorization(`Bearer ${await realm.token({ ...change })}`),
    error: 'invalid_token',
  };
}

function refusedKey(change: (scene: Scene) => void): Refusal {
  return {
    headers: (scene) => {
      change(scene);
      return authorization(scene.key.key);
    },
    error: 'invalid_api_key',
  };
}

const PAST = Date.parse('2026-11-24T08:15:30Z') / 1000;

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'no Authorization header': { headers: () => [], error: 'missing_authorization' },
  'an empty header': {
    headers: () => authorization(''),
    error: 'missing_api_key',
    cachedError: 'missing_authorization',
  },
  'a header of spaces': {
    headers: () => authorization('   '),
    error: 'missing_api_key',
    cachedError: 'missing_authorization',
  },
  'only a scheme': { headers: () => authorization('Bearer'), error: 'missing_api_key' },
  'only a scheme and spaces': { headers: () => authorization('bearer   '), error: 'missing_api_key' },
  'an unknown key': { headers: () => authorization(makeKey(USER.userId).key), error: 'invalid_api_key' },
  'a malformed key': { headers: () => authorization('gp_live_x'), error: 'invalid_api_key' },
  'a wrong secret': { headers: ({ key }) => authorization(withOtherSecret(key)), error: 'invalid_api_key' },
  'another environment': {
    headers: () => authorization(makeKey(USER.userId, { environment: 'test' }).key),
    error: 'invalid_api_key',
  },
  'basic credentials': { headers: () => authorization('Basic dXNlcjpwYXNz'), error: 'invalid_api_key' },
  'two different values': {
    headers: ({ key }) => [...authorization(key.key), ...authorization('another')],
    error: 'invalid_api_key',
  },
  'an inactive key': refusedKey(({ change, key }) => change((state) => changeKey(state, key.keyId, { active: false }))),
  'a deleted key': refusedKey(({ change, key }) => change((state) => changeKey(state, key.keyId, { deleted: true }))),
  'an expired key': refusedKey(({ change, key }) =>
    change((state) => changeKey(state, key.keyId, { expiresAt: PAST })),
  ),
  'a disabled account': refusedKey(({ change }) =>
    change((state) => changeAccount(state, USER.userId, { active: false })),
  ),
  'a deleted account': refusedKey(({ change }) =>
    change((state) => changeAccount(state, USER.userId, { deleted: true })),
  ),
  'not a token': { headers: () => authorization('Bearer x.y.z'), error: 'invalid_token' },
  'an expired token': refusedToken({ exp: PAST - 30 }),
  'a token not yet valid': refusedToken({ nbf: PAST + 31 }),
  'a token of another issuer': refusedToken({ iss: 'https://id.example.com/realms/other' }),
  'a token without a subject': refusedToken({ sub: undefined }),
  'an ID token': refusedToken({ typ: 'ID', aud: CLIENT }),
  'a token for another audience': refusedToken({ aud: 'account' }),
  'a token of another client': refusedToken({ azp: 'another', aud: AUDIENCE }),
};

const MODES = [
  ['cached for 60 s', 60, 'on'],
  ['uncached', 0, 'on'],
  ['cached for 60 s, without conditions in policies', 60, 'off'],
  ['uncached, without conditions in policies', 0, 'off'],
] as const;

describe.each(MODES)('%s: a refusal', (_, ttl, conditions) => {
  it.each(Object.entries(REFUSALS))('is 401 with the body and headers of its row: %s', async (_, refusal) => {
    const scene = createScene({ api: deployedApi({ ttl }), conditions });
    const headers = await refusal.headers(scene);
    const error = (ttl > 0 ? refusal.cachedError : undefined) ?? refusal.error;
    const isOurs = ttl === 0 || error !== 'missing_authorization';
    const path = '/prod/api/v1/orders/7';
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await scene.client.send({ method, path, headers })).toEqual({
        status: 401,
        body: JSON.stringify({ error, message: PUBLIC_ANSWERS[error] }),
        headers: {
          'content-type': 'application/json',
          'www-authenticate': 'Bearer realm="api"',
          'access-control-allow-origin': '*',
          'access-control-expose-headers': 'WWW-Authenticate,Retry-After',
          'x-amzn-requestid': REQUEST_ID,
          'x-amzn-errortype': isOurs ? 'AccessDeniedException' : 'UnauthorizedException',
        },
      });
    }
  });
});

describe.each(MODES)('%s: a fault', (_, ttl, conditions) => {
  it('is 503 with Retry-After, and over as soon as its cause is', async () => {
    const { client, key, change } = createScene({ api: deployedApi({ ttl }), conditions });
    change((state) => ({ ...state, isReachable: false }));
    const response = await client.call(key.key);
    expect(response).toEqual({
      status: 503,
      body: '{"error":"unavailable","message":"Authorization is temporarily unavailable"}',
      headers: {
        'content-type': 'application/json',
        'retry-after': '1',
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'WWW-Authenticate,Retry-After',
        'x-amzn-requestid': REQUEST_ID,
        'x-amzn-errortype': 'AuthorizerFailureException',
      },
    });
    change((state) => ({ ...state, isReachable: true }));
    expect((await client.call(key.key)).status).toBe(200);
  });
});

describe.each(MODES)('%s: a good request', (_, ttl, conditions) => {
  it('with a key is 200 from the backend, which learns the caller', async () => {
    const { client, key } = createScene({ api: deployedApi({ ttl }), conditions });
    for (const value of [key.key, `Bearer ${key.key}`]) {
      const response = await client.call(value);
      expect(response.status).toBe(200);
      expect(response.headers).toMatchObject({
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
      });
      expect(bodyOf(response)).toEqual({
        userId: 'user-42',
        email: 'ada@example.com',
        apiKeyId: key.keyId,
        environment: 'live',
        authMethod: 'api_key',
      });
    }
  });

  it("with a token is 200 too, whatever characters are in the user's name", async () => {
    const { client, realm } = createScene({ api: deployedApi({ ttl }), conditions });
    const names = { given_name: `Zoë "Z" O'Hara \\ </script> 🦊`, family_name: "d'Été" };
    const response = await client.call(`Bearer ${await realm.token(names)}`);
    expect(response.status).toBe(200);
    expect(bodyOf(response)).toEqual({
      userId: 'user-42',
      email: 'ada@example.com',
      firstName: names.given_name,
      lastName: names.family_name,
      scope: 'openid profile email',
      roles: '["editor","viewer"]',
      clientId: CLIENT,
      authMethod: 'bearer',
    });
  });

  it('to another route is 200 likewise, with its route and method', async () => {
    const { client, key } = createScene({ api: deployedApi({ ttl }), conditions });
    const response = await client.call(key.key, { method: 'POST', path: '/prod/api/v1/orders/7' });
    expect(response.status).toBe(200);
    expect(bodyOf(response)).toEqual({ route: 'POST /api/v1/{proxy+}', userId: 'user-42' });
  });
});

describe("the template's parameters", () => {
  it('decide which pages may read each answer', async () => {
    const corsOrigin = 'https://app.example.com';
    const { client, key } = createScene({ api: deployedApi({ corsOrigin }) });
    for (const request of [{}, { path: '/prod/nothing' }, { method: 'OPTIONS' }]) {
      expect((await client.send(request)).headers['access-control-allow-origin']).toBe(corsOrigin);
    }
    for (const value of [key.key, 'garbage']) {
      expect((await client.call(value)).headers['access-control-allow-origin']).toBe(corsOrigin);
    }
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
describe.each(MODES)('%s: a preflight', (_, ttl, conditions) => {
  it.each(['/prod/api/v1/whoami', '/prod/api/v1/orders/7'])(
    'of %s is answered without the authorizer',
    async (path) => {
      const { client, key } = createScene({ api: deployedApi({ ttl }), conditions });
      const preflight: Headers = [
        ['Origin', 'https://app.example.com'],
        ['Access-Control-Request-Method', 'DELETE'],
        ['Access-Control-Request-Headers', 'authorization'],
      ];
      for (const headers of [preflight, [...preflight, ...authorization(key.key)], authorization('garbage'), []]) {
        expect(await client.send({ method: 'OPTIONS', path, headers })).toEqual({
          status: 204,
          body: '',
          headers: {
            'access-control-allow-origin': '*',
            'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS',
            'access-control-allow-headers': 'Authorization,Content-Type',
            'access-control-max-age': '600',
            'x-amzn-requestid': REQUEST_ID,
          },
        });
      }
      expect(client.events).toEqual([]);
      expect(client.lines.map(({ verdict }) => verdict)).toEqual([undefined, undefined, undefined, undefined]);
    },
  );

  it('of a path that is none is 403, as any request for it', async () => {
    const { client } = createScene({ api: deployedApi({ ttl }), conditions });
    expect((await client.send({ method: 'OPTIONS', path: '/prod/api/v2/x' })).status).toBe(403);
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
describe('a content type that no request template is for', () => {
  it('is 415, once the request has been allowed', async () => {
    const { client, key } = createScene();
    const request = { method: 'POST', path: '/prod/api/v1/orders' };
    const xml: Headers = [['Content-Type', 'application/xml; charset=utf-8']];
    expect((await client.call(key.key, { ...request, headers: xml })).status).toBe(415);
    expect((await client.call('garbage', { ...request, headers: xml })).status).toBe(401);
    const json: Headers = [['content-type', 'application/json; charset=utf-8']];
    expect((await client.call(key.key, { ...request, headers: json })).status).toBe(200);
  });
});
