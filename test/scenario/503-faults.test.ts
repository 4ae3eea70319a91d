import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FAULTS, type FaultReason } from '../../src/fault.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { accountAt, apiKeyAt, importedAt } from '../../src/table/items.ts';
import { loadEvent } from '../support/events.ts';
import { runWithFakeTimers } from '../support/fake-time.ts';
import { DECISION_MS, type Failure, type Gatepass, useGatepass } from '../support/gatepass.ts';
import { loadHandler } from '../support/handler.ts';
import { SECOND } from '../support/moved-clock.ts';
import { AUDIENCE, ISSUER } from '../support/realm.ts';
import { createShortClient, createSilentClient } from '../support/scripted-client.ts';
import { leaksOf, textsOf } from '../support/secrets.ts';
import type { IssuedKey } from '../support/seed.ts';
import type { Misbehaviour } from '../support/table-proxy.ts';

const start = useGatepass();

afterEach(() => {
  vi.useRealTimers();
});

/** A fault that says more of itself than its reason. */
interface Provoked {
  readonly reason: unknown;
  readonly line: Readonly<Record<string, unknown>>;
  readonly thrown: unknown;
  /** What it must not hold. */
  readonly secrets: readonly string[];
}

/** One way to each fault. `fault.unexpected` would take a bug. */
const WAYS: Readonly<Record<Exclude<FaultReason, 'fault.unexpected'>, () => Promise<Provoked>>> = {
  'fault.configuration': async () => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    const handler = await startHandler(gatepass, { GATEPASS_AUDIENCE: '' });
    const thrown = await handler.invoke(loadEvent('api-key-valid', key)).catch((error: unknown) => error);
    return { thrown, reason: Object(thrown).reason, line: JSON.parse(handler.lines.at(-1) ?? ''), secrets: [key] };
  },
  'fault.event': async () => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    return provoked(await gatepass.fail(loadEvent('method-arn-unreadable', key)), key);
  },
  'fault.table': async () => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave(tableError('AccessDeniedException'));
    return provoked(await gatepass.fail(key), key);
  },
  'fault.item': async () => {
    const gatepass = start();
    const { key, keyId } = await goodKey(gatepass);
    await gatepass.seed.change(apiKeyAt(keyId), 'active', 'yes');
    return provoked(await gatepass.fail(key), key);
  },
  'fault.realm_keys': async () => {
    const gatepass = start();
    gatepass.realm.answer(new Error('unreachable'));
    const token = await gatepass.realm.token();
    return provoked(await gatepass.fail(`Bearer ${token}`), token);
  },
  'fault.realm_keys_limited': async () => {
    const gatepass = start();
    for (let forged = 0; forged < 4; forged++) {
      await gatepass.answer(`Bearer ${await gatepass.realm.token({}, { kid: 'no-such-key' })}`);
    }
    const token = await gatepass.realm.token({}, { kid: 'no-such-key' });
    return provoked(await gatepass.fail(`Bearer ${token}`), token);
  },
  'fault.deadline': async () => {
    const gatepass = start({ client: createSilentClient().client });
    const { key } = await goodKey(gatepass);
    return provoked(await runWithFakeTimers(gatepass.clock, () => gatepass.fail(key)), key);
  },
};

describe('503: every fault', () => {
  it.each(Object.entries(WAYS))('%s is thrown, logged with its level and never a policy', async (reason, provoke) => {
    const fault = await provoke();
    expect(fault.thrown).toBeInstanceOf(Error);
    expect(fault.reason).toBe(reason);
    const { level } = FAULTS[reason as FaultReason]; // a key of WAYS
    expect(fault.line).toMatchObject({ level, outcome: 'fault', reason });
    expect(String(fault.line['fault'])).toMatch(/^Fault: ./);
  });

  it.each(Object.entries(WAYS))('%s holds no part of a credential, nor do its causes', async (_, provoke) => {
    const { thrown, line, secrets } = await provoke();
    for (const secret of secrets)
      expect(leaksOf(secretPartOf(secret), [...textsOf(thrown), ...textsOf(line)])).toEqual([]);
  });
});

describe('503: an event that is none of ours', () => {
  it.each([
    ['token-authorizer-event', /TOKEN authorizer event.*FunctionPayloadType: REQUEST/],
    ['proxy-event', /not an API Gateway REQUEST authorizer event/],
    ['method-arn-unreadable', /no usable methodArn/],
  ])('%s says how to attach the function', async (name, message) => {
    const { fault, log } = await start().fail(loadEvent(name, 'key'));
    expect(fault.reason).toBe('fault.event');
    expect(fault.message).toMatch(message);
    expect(log).toMatchObject({ authMethod: 'none', tableRequests: 0 });
  });
});

describe('503: an ARN that would make the policy wider than its stage', () => {
  it.each(['/*/', '/pro?/', '/pr:od/', '/ /', '//'])('with the stage %s', async (stage) => {
    const event = loadEvent('api-key-valid', 'key');
    const methodArn = String(event['methodArn']).replace('/prod/', stage);
    expect((await start().fail({ ...event, methodArn })).fault.reason).toBe('fault.event');
  });
});

describe('503: a table that can not be asked', () => {
  const misbehaviours: Readonly<Record<string, Misbehaviour>> = {
    'answers with a server error': { status: 500, body: '{"__type":"InternalServerError"}' },
    redirects: { status: 301, body: '' },
    'answers with an error page': { status: 503, body: '<html>Service Unavailable</html>' },
    throttles: tableError('ProvisionedThroughputExceededException'),
    'does not exist': tableError('ResourceNotFoundException'),
    'may not be read': tableError('AccessDeniedException'),
    'answers with something that is not JSON': { status: 200, body: '<html>OK</html>' },
    'answers with half of its JSON': { status: 200, body: '{"Responses":{"gatepass-local":[{"pk":{"S":"acc' },
    'hangs up': 'hang up',
  };

  it.each(Object.entries(misbehaviours))('that %s: a fault within five seconds, and no policy', async (_, how) => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave(how);
    const startedAt = gatepass.clock.now();

    const { fault, log } = await runWithFakeTimers(gatepass.clock, () => gatepass.fail(key));

    expect(fault.reason).toBe('fault.table');
    expect(log.outcome).toBe('fault');
    expect(gatepass.clock.now() - startedAt).toBeLessThanOrEqual(DECISION_MS);
    expect(gatepass.table.operations.length).toBe(log.tableRequests);
    expect(leaksOf(secretPartOf(key), [...textsOf(fault), ...gatepass.lines])).toEqual([]);
  });

  it('that never answers: a fault within five seconds, and no policy', async () => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave('hang');
    const startedAt = gatepass.clock.now();

    const { fault, log } = await runWithFakeTimers(gatepass.clock, () => gatepass.fail(key));

    expect(fault.reason).toBe('fault.table');
    expect(log['fault']).toMatch(/TimeoutError.* 1000 ms/);
    expect(gatepass.clock.now() - startedAt).toBeLessThanOrEqual(DECISION_MS);
    expect(gatepass.table.operations.length).toBeGreaterThan(1);
  });

  it.each(Object.entries(misbehaviours))('that %s: the next request after it is back is allowed', async (_, how) => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave(how);
    await runWithFakeTimers(gatepass.clock, () => gatepass.fail(key));

    gatepass.table.reset();

    expect((await gatepass.answer(key)).log.reason).toBe('api_key.valid');
  });

  it('for the moment only: an error that passes costs a retry and not the decision', async () => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave(tableError('InternalServerError', 500), 1);
    const { log } = await runWithFakeTimers(gatepass.clock, () => gatepass.answer(key));
    expect(log).toMatchObject({ reason: 'api_key.valid', tableRequests: 2 });
  });

  it('at the second request of an imported key', async () => {
    const gatepass = start();
    const { key } = await gatepass.seed.importedKey(
      await gatepass.seed.user(),
      `legacy_${randomBytes(24).toString('hex')}`,
    );
    gatepass.table.misbehave(tableError('AccessDeniedException'));
    const { fault } = await gatepass.fail(key);
    expect(fault.reason).toBe('fault.table');
    expect(leaksOf(key, [...textsOf(fault), ...gatepass.lines])).toEqual([]);
  });

  it('for the account of a token, when accounts are checked', async () => {
    const gatepass = start({ env: { GATEPASS_ACCOUNT_CHECK: 'all' } });
    const token = `Bearer ${await gatepass.realm.token()}`;
    gatepass.table.misbehave(tableError('AccessDeniedException'));
    expect((await gatepass.fail(token)).fault.reason).toBe('fault.table');
    gatepass.table.reset();
    expect((await gatepass.answer(token)).log.reason).toBe('token.valid');
  });
});

describe('503: a table that is short of capacity', () => {
  it('is asked again for what it left unprocessed, strongly consistent as before', async () => {
    const { client, asked } = createShortClient(1);
    const gatepass = start({ client });
    const { key } = await goodKey(gatepass);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

    const answered = gatepass.answer(key);
    await vi.advanceTimersByTimeAsync(49);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);

    // This table has no items, so the key is not found once its absence is sure.
    expect((await answered).log).toMatchObject({ reason: 'api_key.unknown', tableRequests: 2 });
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[0]).toMatchObject({ ConsistentRead: true });
  });

  it('is a fault when it leaves them so four times', async () => {
    const { client, asked } = createShortClient(Number.POSITIVE_INFINITY);
    const gatepass = start({ client });
    const { key } = await goodKey(gatepass);

    const { fault, log } = await runWithFakeTimers(gatepass.clock, () => gatepass.fail(key));

    expect(fault.reason).toBe('fault.table');
    expect(fault.message).toContain('unprocessed');
    expect(asked).toHaveLength(4);
    expect(log.tableRequests).toBe(4);
  });
});

describe('503: an item that is not readable is no refusal', () => {
  it.each([
    ['active', 'yes'],
    ['deleted', 1],
    ['hash', 'not-hex'],
    ['hash', 'A'.repeat(64)],
    ['userId', ''],
    ['userId', 'user\n42'],
    ['userId', 7],
    ['expiresAt', '2030-01-01'],
    ['expiresAt', -1],
    ['expiresAt', 1.5],
    ['expiresAt', 253_402_300_800],
    ['replacedUntil', '1'],
    ['replacedHash', 'zz'],
    ['allowedNetworks', []],
    ['allowedNetworks', '192.0.2.0/24'],
    ['allowedNetworks', [7]],
    ['scope', ['a']],
    ['environment', null],
  ])('a key whose %s is %j', async (attribute, value) => {
    const gatepass = start();
    const { key, keyId } = await goodKey(gatepass);
    await gatepass.seed.change(apiKeyAt(keyId), attribute, value);
    const { fault } = await gatepass.fail(key);
    expect(fault.reason).toBe('fault.item');
    expect(fault.message).toContain(attribute);
  });

  it.each([
    ['active', 'true'],
    ['deleted', 'no'],
    ['roles', 'admin'],
    ['roles', [1]],
    ['email', 7],
    ['firstName', null],
    ['lastName', {}],
    ['userId', null],
  ])('an account whose %s is %j', async (attribute, value) => {
    const gatepass = start();
    const userId = await gatepass.seed.user();
    const { key } = await gatepass.seed.key(userId);
    await gatepass.seed.change(accountAt(userId), attribute, value);
    expect((await gatepass.fail(key)).fault.reason).toBe('fault.item');
  });

  it.each([
    ['keyId', 'short'],
    ['keyId', 7],
    ['keyId', null],
  ])('an imported key whose pointer has %s as %j', async (attribute, value) => {
    const gatepass = start();
    const { key } = await gatepass.seed.importedKey(
      await gatepass.seed.user(),
      `legacy_${randomBytes(24).toString('hex')}`,
    );
    await gatepass.seed.change(importedAt(hashApiKey(key)), attribute, value);
    expect((await gatepass.fail(key)).fault.reason).toBe('fault.item');
  });

  it('the account of a token that is of another user', async () => {
    const gatepass = start({ env: { GATEPASS_ACCOUNT_CHECK: 'all' } });
    const sub = await gatepass.seed.user({ userId: 'another-user' });
    expect((await gatepass.fail(`Bearer ${await gatepass.realm.token({ sub })}`)).fault.reason).toBe('fault.item');
  });
});

describe('503: the deadline', () => {
  it('ends a decision at the millisecond, whether or not the table listens', async () => {
    const { client, signals } = createSilentClient();
    const gatepass = start({ client });
    const { key } = await goodKey(gatepass);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let failure: Failure | undefined;
    const failed = gatepass.fail(key).then((it) => {
      failure = it;
    });

    await vi.advanceTimersByTimeAsync(DECISION_MS - 1);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await failed;

    expect(failure?.fault.reason).toBe('fault.deadline');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it.each([
    [8 * SECOND, DECISION_MS],
    [2 * SECOND, 1700],
  ])('with %i ms left to the function is after %i ms', async (remaining, deadline) => {
    const gatepass = start();
    const { key } = await goodKey(gatepass);
    gatepass.table.misbehave('hang');
    let startedAt = 0;

    const thrown = await runWithFakeTimers(gatepass.clock, async () => {
      const handler = await startHandler(gatepass);
      startedAt = gatepass.clock.now();
      return handler.invoke(loadEvent('api-key-valid', key), () => remaining).catch((error: unknown) => error);
    });

    expect(thrown).toMatchObject({ name: 'Fault' });
    expect(gatepass.clock.now() - startedAt).toBeLessThanOrEqual(deadline + SLACK_MS);
  });
});

/** Time goes on by steps. */
const SLACK_MS = 250;

function goodKey({ seed }: Gatepass): Promise<IssuedKey> {
  return seed.user().then((userId) => seed.key(userId));
}

function provoked({ fault, log }: Failure, ...secrets: readonly string[]): Provoked {
  return { thrown: fault, reason: fault.reason, line: log, secrets };
}

/** What of a credential is secret: all after a key's id, and a token's signature. */
function secretPartOf(credential: string): string {
  return credential.replace(/^.*[._]/s, '');
}

function tableError(name: string, status = 400): Misbehaviour {
  return { status, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'No.' }) };
}

/** The Lambda entry on the test's table, with a realm that refuses connections. */
function startHandler({ table }: Gatepass, env: Readonly<Record<string, string>> = {}): ReturnType<typeof loadHandler> {
  return loadHandler({
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: ISSUER,
    GATEPASS_AUDIENCE: AUDIENCE,
    GATEPASS_JWKS_URI: 'http://127.0.0.1:9/certs',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    ...env,
  });
}
