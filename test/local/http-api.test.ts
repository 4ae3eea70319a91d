import { describe, expect, it } from 'vitest';
import { SECOND } from '../support/moved-clock.ts';
import { deployedApi } from './support/api.ts';
import { answering, bodyOf, type ClientOptions, createClient, REQUEST_ID, throwing } from './support/client.ts';
import { policyOf, statement } from './support/results.ts';
import { createScene } from './support/scene.ts';

const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:local/$default';

function answerOf(effect: 'Allow' | 'Deny', context: object = { userId: 'user-42' }): ClientOptions['invoke'] {
  return answering({ principalId: 'u', policyDocument: policyOf(statement(effect, `${STAGE}/*`)), context });
}

function createHttpClient(invoke: ClientOptions['invoke'], ttl = 60) {
  return createClient({ api: deployedApi({ ttl }), kind: 'http', ...(invoke && { invoke }) });
}

/** An HTTP API has no gateway responses: body and headers are its own, whatever the template says. */
function fixed(status: number, message: string): object {
  return {
    status,
    body: JSON.stringify({ message }),
    headers: { 'content-type': 'application/json', 'apigw-requestid': REQUEST_ID },
  };
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
describe('an HTTP API', () => {
  it('answers 401 Unauthorized without a call when the identity source is missing or empty', async () => {
    const client = createHttpClient(answerOf('Allow'));
    expect(await client.send({})).toEqual(fixed(401, 'Unauthorized'));
    expect(await client.call('')).toEqual(fixed(401, 'Unauthorized'));
    expect(client.events).toEqual([]);
  });

  it('answers 403 Forbidden to a Deny, whose context says nothing here', async () => {
    const client = createHttpClient(answerOf('Deny', { denyError: 'invalid_api_key', denyMessage: 'x' }));
    expect(await client.call('key')).toEqual(fixed(403, 'Forbidden'));
  });

  it('answers 403 Forbidden to a policy that is silent', async () => {
    const policyDocument = policyOf(statement('Allow', `${STAGE}/POST/*`));
    const client = createHttpClient(answering({ principalId: 'u', policyDocument }));
    expect(await client.call('key')).toEqual(fixed(403, 'Forbidden'));
  });

  it.each<[string, ClientOptions['invoke']]>([
    ['a thrown error', throwing('The table could not be read.', 'Fault')],
    ['a result in another format', answering({ isAuthorized: 'yes' })],
    ['no result', answering(null)],
  ])('answers 500 Internal Server Error to %s', async (_, invoke) => {
    expect(await createHttpClient(invoke).call('key')).toEqual(fixed(500, 'Internal Server Error'));
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
  it('answers 404 Not Found to a path without a route', async () => {
    const client = createHttpClient(answerOf('Allow'));
    for (const path of ['/', '/api/v2/x', '/prod/api/v1/whoami']) {
      expect(await client.call('key', { path })).toEqual(fixed(404, 'Not Found'));
    }
  });

  it('has no stage in its addresses, and $default in its ARNs', async () => {
    const client = createHttpClient(answerOf('Allow'));
    expect((await client.call('key', { path: '/api/v1/whoami' })).status).toBe(200);
    expect(client.events[0]).toMatchObject({ routeArn: `${STAGE}/GET/api/v1/whoami`, rawPath: '/api/v1/whoami' });
  });

  it('keeps results for the TTL, across routes', async () => {
    const client = createHttpClient(answerOf('Allow'));
    await client.call('key');
    client.clock.advance(60 * SECOND - 1);
    await client.call('key', { method: 'POST', path: '/api/v1/orders/7' });
    client.clock.advance(1);
    await client.call('key');
    expect(client.lines.map(({ verdict }) => verdict?.source)).toEqual(['called', 'cached', 'called']);
  });

  it('sends payload 2.0, which holds no payload 1.0', async () => {
    const client = createHttpClient(answerOf('Allow'));
    await client.call('key', { query: 'a=1&a=2', headers: [['X-Two', 'one']] });
    expect(client.events).toEqual([
      {
        version: '2.0',
        type: 'REQUEST',
        routeArn: `${STAGE}/GET/api/v1/whoami`,
        identitySource: ['key'],
        routeKey: 'GET /api/v1/whoami',
        rawPath: '/api/v1/whoami',
        rawQueryString: 'a=1&a=2',
        headers: { authorization: 'key', 'x-two': 'one' },
        pathParameters: {},
        requestContext: {
          accountId: '123456789012',
          apiId: 'local',
          http: {
            method: 'GET',
            path: '/api/v1/whoami',
            protocol: 'HTTP/1.1',
            sourceIp: '192.0.2.10',
            userAgent: undefined,
          },
          requestId: REQUEST_ID,
          routeKey: 'GET /api/v1/whoami',
          stage: '$default',
          timeEpoch: client.clock.now(),
        },
      },
    ]);
  });
});

describe('Gatepass on an HTTP API', () => {
  it.each([60, 0])('lets a good key and a good token in, and nobody else (TTL %i)', async (ttl) => {
    const { client, key, realm, change } = createScene({ api: deployedApi({ ttl }), kind: 'http' });
    const good = await client.call(key.key);
    expect(good.status).toBe(200);
    expect(bodyOf(good)).toMatchObject({ userId: 'user-42', authMethod: 'api_key' });
    expect((await client.call(`Bearer ${await realm.token()}`)).status).toBe(200);
    expect(await client.call('garbage')).toEqual(fixed(403, 'Forbidden'));
    expect(await client.call('Bearer')).toEqual(fixed(403, 'Forbidden'));
    const twice = [['Authorization', key.key] as const, ['Authorization', 'another'] as const];
    expect(await client.send({ headers: twice })).toEqual(fixed(403, 'Forbidden'));
    expect(await client.send({})).toEqual(ttl === 0 ? fixed(403, 'Forbidden') : fixed(401, 'Unauthorized'));
    change((state) => ({ ...state, isReachable: false }));
    expect(await client.call(`Bearer ${key.key}`)).toEqual(fixed(500, 'Internal Server Error'));
  });
});
