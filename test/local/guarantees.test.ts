import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { policySchema } from '../../src/local/gateway/policy-evaluation.ts';
import { SECOND } from '../support/moved-clock.ts';
import { makeKey, withOtherSecret } from '../support/seed.ts';
import { deployedApi, withProtectedOptions } from './support/api.ts';
import { bodyOf, type Client, type ClientRequest } from './support/client.ts';
import { changeAccount, changeKey } from './support/memory-table.ts';
import { policyOf, statement } from './support/results.ts';
import { createScene, USER } from './support/scene.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html (table A): a resource
// policy that allows lets a request through on which the authorizer's policy is silent.
const ALLOW_EVERYTHING = v.parse(policySchema, policyOf(statement('Allow', 'execute-api:/*')));

const ROUTES: readonly ClientRequest[] = [
  { method: 'GET', path: '/prod/api/v1/whoami' },
  { method: 'GET', path: '/prod/api/v1/orders/7' },
  { method: 'DELETE', path: '/prod/api/v1/orders/7' },
];

/** Sends one value to several routes and methods; what came of it, if all saw the same. */
async function seen(client: Client, authorization: string, request: ClientRequest = {}): Promise<unknown> {
  const all = new Set<string>();
  for (const route of ROUTES) {
    const response = await client.call(authorization, { ...route, ...request });
    all.add(JSON.stringify(response.status === 200 ? 200 : [response.status, bodyOf(response)]));
  }
  const sources = client.lines.slice(-ROUTES.length).map(({ verdict }) => verdict?.source);
  return { from: sources[0] === 'called' ? 'called' : 'cached', answers: [...all].map((one) => JSON.parse(one)) };
}

const INVALID_TOKEN = [401, { error: 'invalid_token', message: 'Invalid token payload' }];
const INVALID_KEY = [401, { error: 'invalid_api_key', message: 'Invalid or inactive API key' }];

describe.each([
  ['without a resource policy', undefined, 'on'],
  ['beside a resource policy that allows everything', ALLOW_EVERYTHING, 'on'],
  ['without conditions in policies', undefined, 'off'],
] as const)('%s', (_, resourcePolicy, conditions) => {
  const start = (api = deployedApi()) => createScene({ api, resourcePolicy, conditions });
  /** What a kept Allow comes to after its end: without conditions it lasts as long as it is kept. */
  const ended = (answer: unknown) => ({ from: 'cached', answers: [conditions === 'on' ? answer : 200] });

  it('a token that ends while its Allow is cached is refused from that second on', async () => {
    const { client, clock, realm } = start();
    const end = clock.now() + 40 * SECOND;
    const token = `Bearer ${await realm.token({ exp: end / SECOND - 30 })}`;
    expect(await seen(client, token)).toEqual({ from: 'called', answers: [200] });
    clock.moveTo(end - 1);
    expect(await seen(client, token)).toEqual({ from: 'cached', answers: [200] });
    clock.moveTo(end);
    expect(await seen(client, token)).toEqual(ended(INVALID_TOKEN));
    clock.advance(30 * SECOND);
    expect(await seen(client, token)).toEqual({ from: 'called', answers: [INVALID_TOKEN] });
  });

  it('a key that expires while its Allow is cached is refused from that second on', async () => {
    const { client, clock, key, change } = start();
    const end = clock.now() + 40 * SECOND;
    change((state) => changeKey(state, key.keyId, { expiresAt: end / SECOND }));
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    clock.moveTo(end - 1);
    expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [200] });
    clock.moveTo(end);
    expect(await seen(client, key.key)).toEqual(ended(INVALID_KEY));
    clock.advance(20 * SECOND);
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
  });

  it('a replaced secret is refused at the end of its grace, and the new one goes on', async () => {
    const { client, clock, key, change } = start();
    const end = clock.now() + 40 * SECOND;
    const renewed = withOtherSecret(key);
    change((state) =>
      changeKey(state, key.keyId, {
        hash: hashApiKey(renewed),
        replacedHash: hashApiKey(key.key),
        replacedUntil: end / SECOND,
      }),
    );
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    expect(await seen(client, renewed)).toEqual({ from: 'called', answers: [200] });
    clock.moveTo(end - 1);
    expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [200] });
    clock.moveTo(end);
    expect(await seen(client, key.key)).toEqual(ended(INVALID_KEY));
    expect(await seen(client, renewed)).toEqual({ from: 'cached', answers: [200] });
  });

  it.each([
    ['the grace', 40, 50],
    ['the key', 50, 40],
  ])(
    'a replaced secret of an expiring key is refused at the end of %s, if that comes first',
    async (_, grace, life) => {
      const { client, clock, key, change } = start();
      const now = clock.seconds();
      change((state) =>
        changeKey(state, key.keyId, {
          hash: hashApiKey(withOtherSecret(key)),
          replacedHash: hashApiKey(key.key),
          replacedUntil: now + grace,
          expiresAt: now + life,
        }),
      );
      expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
      clock.advance(40 * SECOND - 1);
      expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [200] });
      clock.advance(1);
      expect(await seen(client, key.key)).toEqual(ended(INVALID_KEY));
      clock.advance(20 * SECOND);
      expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
    },
  );

  it('a key with networks is refused from everywhere, where policies have no conditions', async () => {
    const { client, key, change } = createScene({ resourcePolicy, conditions: 'off' });
    change((state) => changeKey(state, key.keyId, { allowedNetworks: ['192.0.2.0/24'] }));
    for (const sourceIp of ['192.0.2.10', '198.51.100.7']) {
      expect(await seen(client, key.key, { sourceIp })).toMatchObject({ answers: [INVALID_KEY] });
    }
  });

  it('OPTIONS with a garbage value opens nothing, even where the authorizer is on OPTIONS', async () => {
    for (const api of [deployedApi(), withProtectedOptions(deployedApi())]) {
      for (const value of ['garbage', 'gp_live_x', makeKey('user-1').key]) {
        const { client } = start(api);
        expect((await client.call(value, { method: 'OPTIONS' })).status).toBe(204);
        expect(await seen(client, value)).toMatchObject({ answers: [INVALID_KEY] });
      }
      const { client } = start(api);
      expect((await client.call('Bearer garbage', { method: 'OPTIONS' })).status).toBe(204);
      expect(await seen(client, 'Bearer garbage')).toMatchObject({ answers: [INVALID_TOKEN] });
    }
  });

  it('OPTIONS with a good key does not lock it out of the other methods', async () => {
    const { client, key } = start(withProtectedOptions(deployedApi()));
    expect((await client.call(key.key, { method: 'OPTIONS' })).status).toBe(204);
    expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [200] });
  });

  it('OPTIONS without credentials opens OPTIONS alone, where the authorizer is on it and nothing is cached', async () => {
    const { client } = start(withProtectedOptions(deployedApi({ ttl: 0 })));
    expect((await client.send({ method: 'OPTIONS' })).status).toBe(204);
    for (const route of ROUTES) expect((await client.send(route)).status).toBe(401);
  });

  it('OPTIONS without credentials opens OPTIONS alone, even where decisions are kept by another header', async () => {
    // No such API should be: whose decision it is must be in what it is kept by. But one such mistake is not the end.
    const api = { ...withProtectedOptions(deployedApi()), identityHeaders: ['X-Tenant'] };
    const { client } = start(api);
    const headers = [['X-Tenant', 'one']] as const;
    expect((await client.send({ method: 'OPTIONS', headers })).status).toBe(204);
    expect((await client.send({ method: 'OPTIONS', headers, path: '/prod/api/v1/orders/7' })).status).toBe(204);
    if (resourcePolicy === undefined) {
      for (const route of ROUTES) expect((await client.send({ ...route, headers })).status).toBe(401);
    }
    expect(client.events).toHaveLength(1);
  });

  it.each([60, 300])('a key that is revoked works for at most the TTL of %i s longer', async (ttl) => {
    const { client, clock, key, change } = start(deployedApi({ ttl }));
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    change((state) => changeKey(state, key.keyId, { active: false }));
    clock.advance(ttl * SECOND - 1);
    expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [200] });
    clock.advance(1);
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
  });

  it('the keys of a disabled account die with it, within the TTL', async () => {
    const { client, clock, key, change } = start();
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    change((state) => changeAccount(state, USER.userId, { active: false }));
    clock.advance(60 * SECOND);
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
  });

  it('uncached, a revoked key is refused by the next request', async () => {
    const { client, key, change } = start(deployedApi({ ttl: 0 }));
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    change((state) => changeKey(state, key.keyId, { active: false }));
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
  });

  it('a key that is enabled again is refused for at most the TTL longer', async () => {
    const { client, clock, key, change } = start();
    change((state) => changeKey(state, key.keyId, { active: false }));
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [INVALID_KEY] });
    change((state) => changeKey(state, key.keyId, { active: true }));
    clock.advance(60 * SECOND - 1);
    expect(await seen(client, key.key)).toEqual({ from: 'cached', answers: [INVALID_KEY] });
    clock.advance(1);
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
  });

  it('one caller is never answered by what was kept for another', async () => {
    const { client, realm, key } = start();
    expect(await seen(client, key.key)).toEqual({ from: 'called', answers: [200] });
    const response = await client.call(`Bearer ${await realm.token({ sub: 'user-7' })}`);
    expect(bodyOf(response)).toMatchObject({ userId: 'user-7' });
    expect(await seen(client, `${key.key}x`)).toMatchObject({ answers: [INVALID_KEY] });
  });
});

describe.each([
  ['without a resource policy', undefined],
  ['beside a resource policy that allows everything', ALLOW_EVERYTHING],
] as const)('%s', (_, resourcePolicy) => {
  const start = () => createScene({ resourcePolicy });

  it('a key is refused from outside its networks by a cached Allow, and goes on working from inside', async () => {
    const { client, key, change } = start();
    change((state) => changeKey(state, key.keyId, { allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'] }));
    const [inside, insideToo, outside] = ['192.0.2.10', '2001:db8::7', '198.51.100.7'];
    expect(await seen(client, key.key, { sourceIp: inside })).toEqual({ from: 'called', answers: [200] });
    expect(await seen(client, key.key, { sourceIp: outside })).toEqual({ from: 'cached', answers: [INVALID_KEY] });
    expect(await seen(client, key.key, { sourceIp: '2001:db9::7' })).toEqual({
      from: 'cached',
      answers: [INVALID_KEY],
    });
    expect(await seen(client, key.key, { sourceIp: insideToo })).toEqual({ from: 'cached', answers: [200] });
    expect(await seen(client, key.key, { sourceIp: inside })).toEqual({ from: 'cached', answers: [200] });
  });

  it('a stranger who tries a key from outside its networks first does not lock its owner out', async () => {
    const { client, key, change } = start();
    change((state) => changeKey(state, key.keyId, { allowedNetworks: ['192.0.2.0/24'] }));
    expect(await seen(client, key.key, { sourceIp: '198.51.100.7' })).toEqual({
      from: 'called',
      answers: [INVALID_KEY],
    });
    expect(await seen(client, key.key, { sourceIp: '192.0.2.10' })).toEqual({ from: 'cached', answers: [200] });
  });
});
