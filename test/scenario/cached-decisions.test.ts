import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { apiKeyAt } from '../../src/table/items.ts';
import { METHODS, requestOf, see } from '../support/caller.ts';
import { arnOf, type GatewayEvent, loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { HOUR, MINUTE, SECOND } from '../support/moved-clock.ts';
import { judge } from '../support/policy-evaluator.ts';

const start = useGatepass();

const INVALID_KEY = { status: 401, error: 'invalid_api_key', message: 'Invalid or inactive API key' } as const;
const INVALID_TOKEN = { status: 401, error: 'invalid_token', message: 'Invalid token payload' } as const;
const SEEN_ALLOWED = { status: 200 } as const;

/** What has an end: how it is presented, when it ends (epoch milliseconds), and what is said from then on. */
interface Ending {
  readonly present: (gatepass: Gatepass) => Promise<{ readonly credentials: string; readonly end: number }>;
  readonly answer: typeof INVALID_KEY | typeof INVALID_TOKEN;
  readonly reason: string;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  'a token, 30 s after its exp': {
    present: async ({ realm, clock }) => {
      const exp = clock.seconds() + 300;
      return { credentials: `Bearer ${await realm.token({ exp })}`, end: (exp + 30) * SECOND };
    },
    answer: INVALID_TOKEN,
    reason: 'token.expired',
  },
  'a token whose exp has a fraction, at the second before': {
    present: async ({ realm, clock }) => {
      const exp = clock.seconds() + 300;
      return { credentials: `Bearer ${await realm.token({ exp: exp + 0.9 })}`, end: (exp + 30) * SECOND };
    },
    answer: INVALID_TOKEN,
    reason: 'token.expired',
  },
  'a key, at its expiresAt': {
    present: async ({ seed, clock }) => {
      const expiresAt = clock.seconds() + 3600;
      return { credentials: (await seed.key(await seed.user(), { expiresAt })).key, end: expiresAt * SECOND };
    },
    answer: INVALID_KEY,
    reason: 'api_key.expired',
  },
  'a replaced secret, at the end of its grace': {
    present: async ({ seed, clock }) => {
      const replacedUntil = clock.seconds() + 3600;
      return { credentials: await replacedKey(seed, { replacedUntil }), end: replacedUntil * SECOND };
    },
    answer: INVALID_KEY,
    reason: 'api_key.replaced',
  },
  'a replaced secret of a key that expires within the grace': {
    present: async ({ seed, clock }) => {
      const expiresAt = clock.seconds() + 60;
      const credentials = await replacedKey(seed, { replacedUntil: expiresAt + 60, expiresAt });
      return { credentials, end: expiresAt * SECOND };
    },
    answer: INVALID_KEY,
    reason: 'api_key.expired',
  },
};

describe.each(Object.entries(ENDINGS))('a cached Allow of %s', (_, { present, answer, reason }) => {
  it('is denied from that second on, and not a second before, on every method', async () => {
    const gatepass = start();
    const { credentials, end } = await present(gatepass);
    const event = loadEvent('api-key-valid', credentials);
    const { result } = await gatepass.answer(event);
    for (const method of [...METHODS, 'OPTIONS']) {
      expect(see(result, requestOf(event, end - SECOND, { method }))).toEqual(SEEN_ALLOWED);
      expect(see(result, requestOf(event, end - 1, { method }))).toEqual(SEEN_ALLOWED);
      expect(see(result, requestOf(event, end, { method }))).toEqual(answer);
      expect(see(result, requestOf(event, end + HOUR, { method }))).toEqual(answer);
    }
  });

  it('does not rest on silence: its Allow ends at the same second', async () => {
    const gatepass = start();
    const { credentials, end } = await present(gatepass);
    const event = loadEvent('api-key-valid', credentials);
    const { policyDocument } = (await gatepass.answer(event)).result;
    const allows = {
      ...policyDocument,
      Statement: policyDocument.Statement.filter(({ Effect }) => Effect === 'Allow'),
    };
    expect(judge(allows, requestOf(event, end - 1))).toBe('allow');
    expect(judge(allows, requestOf(event, end))).toBe('implicit deny');
  });

  it('agrees with a new decision at that moment, to the millisecond', async () => {
    const gatepass = start();
    const { credentials, end } = await present(gatepass);
    gatepass.clock.moveTo(end - 1);
    expect((await gatepass.answer(credentials)).log.outcome).toBe('allow');
    gatepass.clock.moveTo(end);
    expect((await gatepass.answer(credentials)).log).toMatchObject({ outcome: 'deny', reason });
  });
});

describe('the moments at which a token begins to count', () => {
  it.each([
    ['nbf', 'token.not_yet_valid'],
    ['iat', 'token.issued_in_future'],
  ])('%s: accepted up to 30 s ahead, and not a second more', async (claim, reason) => {
    const { realm, clock, answer } = start();
    const ahead = (seconds: number) => realm.token({ [claim]: clock.seconds() + seconds });
    expect((await answer(`Bearer ${await ahead(30)}`)).log.reason).toBe('token.valid');
    expect((await answer(`Bearer ${await ahead(31)}`)).log.reason).toBe(reason);
  });

  it.each(['nbf', 'iat'])('%s: a refused token is accepted once its time has come', async (claim) => {
    const { realm, clock, answer } = start();
    const token = `Bearer ${await realm.token({ [claim]: clock.seconds() + 40 })}`;
    clock.advance(10 * SECOND - 1);
    expect((await answer(token)).log.outcome).toBe('deny');
    clock.advance(1);
    expect((await answer(token)).log.outcome).toBe('allow');
  });

  it('exp: the far future is a date that a policy can name', async () => {
    const { realm, answer, clock } = start();
    for (const exp of [253_402_300_799, 1e15, 1e300]) {
      const event = loadEvent('bearer-valid', await realm.token({ exp }));
      const { result } = await answer(event);
      expect(judge(result.policyDocument, requestOf(event, clock.now()))).toBe('allow');
    }
  });

  it('exp: the far past, and before 1970, is expired', async () => {
    const { realm, answer } = start();
    for (const exp of [0, -1, -1e300]) {
      expect((await answer(`Bearer ${await realm.token({ exp })}`)).log.reason).toBe('token.expired');
    }
  });
});

describe('a cached Allow of a key without an end', () => {
  it('has no condition and carries no answer for a denial that can not come', async () => {
    const { seed, answer } = start();
    const { result } = await answer((await seed.key(await seed.user())).key);
    expect(result.policyDocument.Statement).toHaveLength(1);
    expect(result.policyDocument.Statement[0]).not.toHaveProperty('Condition');
    expect(result.context).not.toHaveProperty('denyError');
  });
});

describe('a cached Allow of a key with allowed networks', () => {
  const allowedNetworks = ['192.0.2.0/24', '2001:db8::/32'];

  async function answerTo(eventName: string): Promise<{ result: APIGatewayAuthorizerResult; event: GatewayEvent }> {
    const { seed, answer } = start();
    const event = loadEvent(eventName, (await seed.key(await seed.user(), { allowedNetworks })).key);
    return { event, result: (await answer(event)).result };
  }

  it('lets its networks through and denies every other address, on every method', async () => {
    const { event, result } = await answerTo('api-key-with-networks');
    for (const method of [...METHODS, 'OPTIONS']) {
      for (const sourceIp of ['192.0.2.0', '192.0.2.255', '2001:db8::1', '2001:db8:ffff::1']) {
        expect(see(result, requestOf(event, 0, { method, sourceIp }))).toEqual(SEEN_ALLOWED);
      }
      for (const sourceIp of ['192.0.1.255', '192.0.3.0', '2001:db9::1', '::1', '10.0.3.17']) {
        expect(see(result, requestOf(event, 0, { method, sourceIp }))).toEqual(INVALID_KEY);
      }
    }
  });

  it('is the same wherever the first request came from, so that a stranger can not spoil it', async () => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user(), { allowedNetworks });
    const event = loadEvent('api-key-with-networks', key);
    const context = Object(event['requestContext']);
    const fromElsewhere = { ...event, requestContext: { ...context, identity: { sourceIp: '198.51.100.7' } } };
    expect((await answer(fromElsewhere)).result).toEqual((await answer(event)).result);
    expect((await answer(fromElsewhere)).log.outcome).toBe('allow');
  });

  it('denies a request whose address the gateway does not tell', async () => {
    const { event, result } = await answerTo('api-key-with-networks');
    expect(judge(result.policyDocument, { arn: arnOf(event, 'GET', '/'), now: 0 })).toBe('explicit deny');
  });

  it('judges by the address inside the network on a private API', async () => {
    const { event, result } = await answerTo('rest-private-api');
    const arn = arnOf(event, 'GET', '/');
    expect(judge(result.policyDocument, { arn, now: 0, vpcSourceIp: '192.0.2.10' })).toBe('allow');
    expect(judge(result.policyDocument, { arn, now: 0, vpcSourceIp: '10.0.3.17' })).toBe('explicit deny');
    expect(judge(result.policyDocument, { arn, now: 0, sourceIp: '192.0.2.10' })).toBe('explicit deny');
  });

  it('denies for either reason when the key has an end as well', async () => {
    const { seed, answer, clock } = start();
    const end = clock.now() + HOUR;
    const { key } = await seed.key(await seed.user(), { allowedNetworks, expiresAt: end / SECOND });
    const event = loadEvent('api-key-valid', key);
    const { result } = await answer(event);
    const inside = '192.0.2.10';
    const outside = '198.51.100.7';
    expect(see(result, requestOf(event, end - 1, { sourceIp: inside }))).toEqual(SEEN_ALLOWED);
    expect(see(result, requestOf(event, end, { sourceIp: inside }))).toEqual(INVALID_KEY);
    expect(see(result, requestOf(event, end - 1, { sourceIp: outside }))).toEqual(INVALID_KEY);
  });
});

describe('a cached result', () => {
  it('allows nothing on another stage or API', async () => {
    const { seed, answer, clock } = start();
    const event = loadEvent('api-key-valid', (await seed.key(await seed.user())).key);
    const { policyDocument } = (await answer(event)).result;
    const arn = String(event['methodArn']);
    for (const other of [
      arn.replace('/prod/', '/dev/'),
      arn.replace('/prod/', '/prod2/'),
      arn.replace(':a1b2', ':z1b2'),
    ]) {
      expect(judge(policyDocument, { arn: other, now: clock.now() })).toBe('implicit deny');
    }
  });

  it('of a refusal is the same whatever was asked for, and lets the browser ask first', async () => {
    const { answer, clock } = start();
    const event = loadEvent('basic-credentials');
    const { result } = await answer(event);
    for (const method of METHODS) {
      for (const path of ['/', '/api/v1/whoami', '/any/thing/else']) {
        expect(see(result, requestOf(event, clock.now(), { method, path }))).toEqual(INVALID_KEY);
      }
      expect((await answer({ ...event, methodArn: arnOf(event, method, '/other') })).result).toEqual(result);
    }
    expect(judge(result.policyDocument, requestOf(event, 0, { method: 'OPTIONS' }))).toBe('allow');
  });

  it('of a refused WebSocket denies the connection', async () => {
    const { seed, answer, clock } = start();
    const { key } = await seed.key(await seed.user(), { expiresAt: clock.seconds() });
    const event = loadEvent('websocket-connect-refused', key);
    const { result } = await answer(event);
    expect(judge(result.policyDocument, { arn: String(event['methodArn']), now: clock.now() })).toBe('explicit deny');
  });

  it('holds no moment, address or path of the request it came from', async () => {
    const { seed, answer, clock } = start();
    const { key } = await seed.key(await seed.user(), { expiresAt: clock.seconds() + 3600 });
    const first = (await answer(key)).result;
    clock.advance(10 * MINUTE);
    expect((await answer(key)).result).toEqual(first);
    expect(JSON.stringify(first)).not.toMatch(/whoami|192\.0\.2\.10|GET/);
  });
});

async function replacedKey(seed: Gatepass['seed'], change: Readonly<Record<string, unknown>>): Promise<string> {
  const { key, keyId } = await seed.key(await seed.user(), { hash: hashApiKey('the new secret'), ...change });
  await seed.change(apiKeyAt(keyId), 'replacedHash', hashApiKey(key));
  return key;
}
