import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../support/moved-clock.ts';
import { deployedApi } from './support/api.ts';
import { answering, type ClientOptions, createClient, throwing } from './support/client.ts';
import { allowing, denying, STAGE_ARN, statement } from './support/results.ts';

const UNCACHED = deployedApi({ ttl: 0 });

// https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html (identitySource)
describe('the identity source', () => {
  it('missing or empty is UNAUTHORIZED, without a call', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    for (const headers of [[], [['Authorization', '']], [['authorization', '  ']], [['X-Api-Key', 'key']]] as const) {
      const response = await client.send({ headers });
      expect(response.status).toBe(401);
      expect(response.headers['x-amzn-errortype']).toBe('UnauthorizedException');
    }
    expect(client.events).toEqual([]);
  });

  it('is looked for in any case of the name', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      expect((await client.send({ headers: [[name, 'key']] })).status).toBe(200);
    }
  });

  it('that is all scheme is not empty: the authorizer decides it', async () => {
    const client = createClient({ invoke: answering(denying()) });
    await client.call('Bearer');
    expect(client.lines[0]?.verdict).toMatchObject({ kind: 'denied', source: 'called' });
  });

  // DG: "When caching is disabled, it is not necessary to specify an identity source."
  it('is none when nothing is cached, and then every request is a call', async () => {
    const client = createClient({ api: UNCACHED, invoke: answering(allowing()) });
    await client.send({});
    await client.call('');
    await client.call('key');
    await client.call('key');
    expect(client.events).toHaveLength(4);
    expect(client.lines.map(({ verdict }) => verdict?.source)).toEqual(['called', 'called', 'called', 'called']);
  });
});

// https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html (authorizerResultTtlInSeconds)
describe('the cached results', () => {
  it('serve every route and method of the stage', async () => {
    const client = createClient({ invoke: answering(allowing({ userId: 'user-42' })) });
    await client.call('key');
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await client.call('key', { method, path: '/prod/api/v1/orders/7' })).status).toBe(200);
    }
    expect(client.events).toHaveLength(1);
  });

  it('are kept until the TTL has passed, and not a millisecond longer', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    await client.call('key');
    client.clock.advance(60 * SECOND - 1);
    await client.call('key');
    client.clock.advance(1);
    await client.call('key');
    expect(client.lines.map(({ verdict }) => verdict?.source)).toEqual(['called', 'cached', 'called']);
  });

  it('are not kept longer for being used', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    for (let second = 0; second < 120; second += 40) {
      await client.call('key');
      client.clock.advance(40 * SECOND);
    }
    expect(client.lines.map(({ verdict }) => verdict?.source)).toEqual(['called', 'cached', 'called']);
  });

  it('are kept as long as the template says, 300 s or an hour', async () => {
    for (const ttl of [300, 3600]) {
      const client = createClient({ api: deployedApi({ ttl }), invoke: answering(allowing()) });
      await client.call('key');
      client.clock.advance(ttl * SECOND - 1);
      await client.call('key');
      client.clock.advance(1);
      await client.call('key');
      expect(client.events).toHaveLength(2);
    }
  });

  it('belong to one value, to the letter', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    for (const value of ['key', 'KEY', 'Bearer key', 'bearer key', 'key2']) await client.call(value);
    expect(client.events).toHaveLength(5);
  });

  it('are an Allow or a Deny alike, with the context of the call they came from', async () => {
    for (const result of [allowing({ userId: 'user-42' }), denying({ denyError: 'invalid_api_key' })]) {
      const client = createClient({ invoke: answering(result) });
      const first = await client.call('key');
      client.clock.advance(MINUTE - 1);
      expect(await client.call('key')).toEqual(first);
      const [called, cached] = client.lines;
      expect(cached?.verdict).toEqual({ ...called?.verdict, source: 'cached' });
    }
  });

  it('are judged anew by each request', async () => {
    const statements = [
      statement('Allow', `${STAGE_ARN}/*`),
      statement('Deny', `${STAGE_ARN}/DELETE/*`),
      statement('Deny', `${STAGE_ARN}/*`, { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
    ];
    const client = createClient({ invoke: answering(allowing({}, ...statements)) });
    const path = '/prod/api/v1/orders/7';
    expect((await client.call('key', { path })).status).toBe(200);
    expect((await client.call('key', { path, method: 'DELETE' })).status).toBe(401);
    expect((await client.call('key', { path, sourceIp: '198.51.100.7' })).status).toBe(401);
    expect((await client.call('key', { path })).status).toBe(200);
    expect(client.events).toHaveLength(1);
  });

  // https://repost.aws/knowledge-center/api-gateway-lambda-authorization-errors
  it('of a policy for one method ARN alone refuse every other route, as on AWS', async () => {
    const invoke = answering(allowing({}, statement('Allow', `${STAGE_ARN}/GET/api/v1/whoami`)));
    const client = createClient({ invoke });
    expect((await client.call('key')).status).toBe(200);
    expect((await client.call('key', { path: '/prod/api/v1/orders' })).status).toBe(401);
  });

  // AWS says that it caches "authorizer responses", and of these nothing: no page says it outright.
  it.each<[string, Required<Pick<ClientOptions, 'invoke'>>]>([
    ['a thrown error', { invoke: throwing('the table is down', 'Fault') }],
    ["a thrown 'Unauthorized'", { invoke: throwing('Unauthorized') }],
    ['a result without a policy', { invoke: answering({ principalId: 'user-42' }) }],
    ['no result', { invoke: answering(null) }],
  ])('are never %s: the next request is a call, and may be good', async (_, bad) => {
    let invoke = bad.invoke;
    const client = createClient({ invoke: (event) => invoke(event) });
    await client.call('key');
    await client.call('key');
    expect(client.lines.map(({ verdict }) => verdict?.source)).toEqual(['called', 'called']);
    invoke = answering(allowing());
    expect((await client.call('key')).status).toBe(200);
  });
});
