import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { loadEvent } from '../support/events.ts';
import { useGatepass } from '../support/gatepass.ts';
import { loadHandler } from '../support/handler.ts';
import { AUDIENCE, ISSUER } from '../support/realm.ts';

const start = useGatepass();

describe('configuration: the function', () => {
  it('that is configured badly starts, and every invocation is a fault that tells all problems in the log', async () => {
    const handler = await loadHandler({ GATEPASS_TABLE: 'no', GATEPASS_KEYPREFIX: 'gp' });
    for (let times = 1; times <= 2; times++) {
      await expect(handler.invoke(loadEvent('api-key-valid', 'key'))).rejects.toMatchObject({
        reason: 'fault.configuration',
      });
      expect(handler.lines).toHaveLength(times);
    }
    const line = JSON.parse(handler.lines[1] ?? '');
    expect(line).toMatchObject({ level: 'ERROR', outcome: 'fault', reason: 'fault.configuration' });
    for (const name of ['GATEPASS_TABLE', 'GATEPASS_ISSUER', 'GATEPASS_AUDIENCE', 'GATEPASS_KEYPREFIX']) {
      expect(line.fault).toContain(`\n  - ${name} `);
    }
  });

  it.each([
    ['off', 1],
    ['on', 0],
  ])('that is started with policy conditions %s says so in %i line', async (conditions, lines) => {
    const handler = await loadHandler({
      GATEPASS_TABLE: LOCAL_TABLE,
      GATEPASS_ISSUER: ISSUER,
      GATEPASS_JWKS_URI: 'http://127.0.0.1:9/certs',
      GATEPASS_AUDIENCE: AUDIENCE,
      GATEPASS_POLICY_CONDITIONS: conditions,
    });
    expect(handler.lines).toHaveLength(lines);
    for (const line of handler.lines) {
      expect(JSON.parse(line)).toMatchObject({
        level: 'WARN',
        message: expect.stringContaining('may outlive its token'),
      });
    }
  });

  it('that is configured well decides by its table and its realm', async () => {
    const { seed, table } = start();
    const userId = await seed.user();
    const { key } = await seed.key(userId);
    await withIssuer(async (issuer) => {
      const handler = await loadHandler({
        GATEPASS_TABLE: LOCAL_TABLE,
        GATEPASS_ISSUER: issuer.issuer,
        GATEPASS_JWKS_URI: issuer.jwksUri,
        GATEPASS_AUDIENCE: 'orders-api',
        AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      });
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer.issuer, aud: 'orders-api', sub: userId, typ: 'Bearer', exp: now + 60 };

      const byKey = await handler.invoke(loadEvent('api-key-valid', key));
      const byToken = await handler.invoke(loadEvent('bearer-valid', await issuer.sign(claims)));

      expect(byKey.context).toMatchObject({ userId, authMethod: 'api_key' });
      expect(byToken.context).toMatchObject({ userId, authMethod: 'bearer' });
      expect(handler.lines.map((line) => JSON.parse(line).reason)).toEqual(['api_key.valid', 'token.valid']);
    });
  });

  it('that is invoked without a context decides all the same', async () => {
    const handler = await loadHandler({
      GATEPASS_TABLE: LOCAL_TABLE,
      GATEPASS_ISSUER: ISSUER,
      GATEPASS_JWKS_URI: 'http://127.0.0.1:9/certs',
      GATEPASS_AUDIENCE: AUDIENCE,
    });
    const { handler: bare } = await import('../../src/authorizer/handler.ts');
    // @ts-expect-error A Lambda always gets a context; a test in the console of another tool may not.
    const result = await bare(loadEvent('no-credentials'), undefined);
    expect(result.context).toMatchObject({ denyError: 'missing_authorization' });
    expect(handler.lines).toHaveLength(1);
  });
});

describe('configuration: each variable', () => {
  it('GATEPASS_AUDIENCE: any of several, with spaces around them or not', async () => {
    const { realm, answer } = start({ env: { GATEPASS_AUDIENCE: 'orders-api, invoices-api' } });
    const reasons = [];
    for (const aud of ['orders-api', 'invoices-api', 'other-api']) {
      reasons.push((await answer(`Bearer ${await realm.token({ aud })}`)).log.reason);
    }
    expect(reasons).toEqual(['token.valid', 'token.valid', 'token.audience']);
  });

  it('GATEPASS_CLIENTS: any of several', async () => {
    const { realm, answer } = start({ env: { GATEPASS_CLIENTS: 'web,cli' } });
    const reasons = [];
    for (const azp of ['web', 'cli', 'orders-web']) {
      reasons.push((await answer(`Bearer ${await realm.token({ azp })}`)).log.reason);
    }
    expect(reasons).toEqual(['token.valid', 'token.valid', 'token.client']);
  });

  it('GATEPASS_KEY_PREFIX: only keys with it are keys of ours', async () => {
    const { seed, answer } = start({ env: { GATEPASS_KEY_PREFIX: 'orders' } });
    const userId = await seed.user();
    const own = await seed.keyNamed(userId, { prefix: 'orders' });
    const other = await seed.key(userId);
    expect((await answer(`Bearer ${own.key}`)).log.reason).toBe('api_key.valid');
    expect((await answer(other.key)).log.reason).toBe('api_key.malformed');
    expect((await answer(`Bearer ${other.key}`)).log.reason).toBe('token.malformed');
  });

  it('GATEPASS_ENVIRONMENT: only keys of it are accepted', async () => {
    const { seed, answer } = start({ env: { GATEPASS_ENVIRONMENT: 'staging' } });
    const userId = await seed.user();
    const own = await seed.keyNamed(userId, { environment: 'staging' });
    const { result, log } = await answer(own.key);
    expect(log.reason).toBe('api_key.valid');
    expect(result.context).toMatchObject({ environment: 'staging' });
    expect((await answer((await seed.key(userId)).key)).log.reason).toBe('api_key.environment');
  });

  it('GATEPASS_ACCOUNT_CHECK: all cuts off a disabled user before the token ends', async () => {
    for (const [check, reason] of [
      ['keys', 'token.valid'],
      ['all', 'token.account_disabled'],
    ] as const) {
      const { seed, realm, answer } = start({ env: { GATEPASS_ACCOUNT_CHECK: check } });
      const token = await realm.token({ sub: await seed.user({ active: false }) });
      expect((await answer(`Bearer ${token}`)).log.reason).toBe(reason);
    }
  });

  it('GATEPASS_IMPORTED_PREFIXES: none are looked up by default', async () => {
    const { seed, answer, table } = start({ env: { GATEPASS_IMPORTED_PREFIXES: '' } });
    const { key } = await seed.importedKey(await seed.user(), `legacy_${randomBytes(24).toString('hex')}`);
    expect((await answer(key)).log.reason).toBe('api_key.malformed');
    expect((await answer(`Bearer ${key}`)).log.reason).toBe('token.malformed');
    expect(table.operations).toEqual([]);
  });

  it('GATEPASS_IMPORTED_PREFIXES: any of several', async () => {
    const { seed, answer } = start({ env: { GATEPASS_IMPORTED_PREFIXES: 'sk_,ch-' } });
    for (const prefix of ['sk_', 'ch-']) {
      const { key } = await seed.importedKey(await seed.user(), prefix + randomBytes(24).toString('hex'));
      expect((await answer(key)).log.reason).toBe('api_key.valid');
    }
  });
});

async function withIssuer(work: (issuer: EmbeddedIssuer) => Promise<void>): Promise<void> {
  const issuer = await startEmbeddedIssuer();
  try {
    await work(issuer);
  } finally {
    await issuer.stop();
    vi.restoreAllMocks();
  }
}
