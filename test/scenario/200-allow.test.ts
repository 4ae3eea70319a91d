import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { apiKeyAt } from '../../src/table/items.ts';
import { METHODS, requestOf, see } from '../support/caller.ts';
import { arnOf, loadEvent } from '../support/events.ts';
import { useGatepass } from '../support/gatepass.ts';
import { HOUR, SECOND } from '../support/moved-clock.ts';
import { judge } from '../support/policy-evaluator.ts';
import { makeKeyPair, sign } from '../support/realm.ts';
import { withOtherSecret } from '../support/seed.ts';

const start = useGatepass();

describe('200: API key', () => {
  it('lets a good key through with its owner for context, and nothing else', async () => {
    const { seed, answer, clock } = start();
    const userId = await seed.user();
    const { key, keyId } = await seed.key(userId);
    const event = loadEvent('api-key-valid', key);

    const { result, log } = await answer(event);

    expect(log).toMatchObject({ outcome: 'allow', reason: 'api_key.valid' });
    expect(see(result, requestOf(event, clock.now()))).toEqual({ status: 200 });
    expect(result.principalId).toBe(userId);
    expect(result.context).toEqual({
      userId,
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      authMethod: 'api_key',
      apiKeyId: keyId,
      environment: 'live',
      roles: '["editor","viewer"]',
    });
  });

  it('hands on the scope of the key', async () => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user(), { scope: 'reports:read reports:write' });
    expect((await answer(key)).result.context).toMatchObject({ scope: 'reports:read reports:write' });
  });

  it('leaves out what the account has not', async () => {
    const { seed, answer } = start();
    const nothing = { email: undefined, firstName: undefined, lastName: '', roles: undefined };
    const userId = await seed.user(nothing);
    const { key, keyId } = await seed.key(userId);
    expect((await answer(key)).result.context).toEqual({
      userId,
      authMethod: 'api_key',
      apiKeyId: keyId,
      environment: 'live',
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes a key behind the scheme %s', async (scheme) => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user());
    expect((await answer(`${scheme} ${key}`)).log.reason).toBe('api_key.valid');
  });

  it('takes a key behind any blanks after the scheme, and before others', async () => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user());
    expect((await answer(`Bearer\t ${key} `)).log.reason).toBe('api_key.valid');
  });

  it.each([
    'rest-lower-case-header',
    'rest-odd-case-header',
    'rest-without-multi-value-headers',
    'rest-multi-value-headers-alone',
    'rest-console-test',
    'rest-console-authorizer-test',
    'rest-china',
    'rest-path-with-colons-and-slashes',
    'rest-root-path',
    'http-payload-1-api-key',
    'websocket-connect-api-key',
  ])('takes a key from the event %s, for its own stage', async (name) => {
    const { seed, answer, clock } = start();
    const { key } = await seed.key(await seed.user());
    const event = loadEvent(name, key);

    const { result } = await answer(event);

    const arn = String(event['methodArn']);
    expect(judge(result.policyDocument, { arn, now: clock.now() })).toBe('allow');
  });

  it('asks the table once for a key', async () => {
    const { seed, answer, table } = start();
    const { key } = await seed.key(await seed.user());
    const { log } = await answer(key);
    expect(table.operations).toEqual(['BatchGetItem']);
    expect(log.tableRequests).toBe(1);
  });

  it('asks the table twice for an imported key, and allows what its owner may', async () => {
    const { seed, answer, table } = start();
    const userId = await seed.user();
    const { key, keyId } = await seed.importedKey(userId, `legacy_${randomBytes(24).toString('hex')}`);

    const { result, log } = await answer(key);

    expect(table.operations).toEqual(['GetItem', 'BatchGetItem']);
    expect(log).toMatchObject({ reason: 'api_key.valid', tableRequests: 2 });
    expect(result.context).toMatchObject({ userId, apiKeyId: keyId, environment: 'live' });
  });

  it('takes an imported key behind Bearer', async () => {
    const { seed, answer } = start();
    const { key } = await seed.importedKey(await seed.user(), `legacy_${randomBytes(24).toString('hex')}`);
    expect((await answer(`Bearer ${key}`)).log.reason).toBe('api_key.valid');
  });

  it('takes an imported key of exactly 1024 characters', async () => {
    const { seed, answer } = start({ env: { GATEPASS_IMPORTED_PREFIXES: '*' } });
    const { key } = await seed.importedKey(await seed.user(), randomBytes(512).toString('hex'));
    expect((await answer(key)).log.reason).toBe('api_key.valid');
  });

  it('still tells keys from tokens behind Bearer when keys without a common start are imported', async () => {
    const { seed, answer, realm } = start({ env: { GATEPASS_IMPORTED_PREFIXES: '*' } });
    const { key } = await seed.importedKey(await seed.user(), randomBytes(24).toString('hex'));
    expect((await answer(`Bearer ${key}`)).log.reason).toBe('api_key.valid');
    expect((await answer(`Bearer ${await realm.token()}`)).log.reason).toBe('token.valid');
  });

  it('takes both secrets of a rotated key during its grace', async () => {
    const { seed, answer, clock } = start();
    const old = await seed.key(await seed.user(), { replacedUntil: clock.seconds() + HOUR / SECOND });
    const next = withOtherSecret(old);
    await seed.change(apiKeyAt(old.keyId), 'replacedHash', hashApiKey(old.key));
    await seed.change(apiKeyAt(old.keyId), 'hash', hashApiKey(next));
    for (const key of [old.key, next]) expect((await answer(key)).log.reason).toBe('api_key.valid');
  });

  it('does not need the realm', async () => {
    const { seed, answer, realm } = start();
    realm.answer(new Error('unreachable'));
    const { key } = await seed.key(await seed.user());
    expect((await answer(key)).log.reason).toBe('api_key.valid');
    expect(realm.fetched).toEqual([]);
  });
});

describe('200: token', () => {
  it('lets a good token through with its user for context, and nothing else', async () => {
    const { realm, answer, clock } = start();
    const event = loadEvent('bearer-valid', await realm.token());

    const { result, log } = await answer(event);

    expect(log).toMatchObject({ outcome: 'allow', reason: 'token.valid', tableRequests: 0 });
    expect(see(result, requestOf(event, clock.now()))).toEqual({ status: 200 });
    expect(result.principalId).toBe('user-42');
    expect(result.context).toEqual({
      userId: 'user-42',
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      authMethod: 'bearer',
      scope: 'openid profile email',
      roles: '["editor","viewer"]',
      clientId: 'orders-web',
      denyError: 'invalid_token',
      denyMessage: 'Invalid token payload',
    });
  });

  it('takes one user for one, whichever way they come in', async () => {
    const { seed, realm, answer } = start();
    const userId = await seed.user();
    const { key } = await seed.key(userId);
    const byKey = (await answer(key)).result;
    const byToken = (await answer(`Bearer ${await realm.token({ sub: userId })}`)).result;
    for (const name of ['userId', 'email', 'firstName', 'lastName', 'roles']) {
      expect(byKey.context?.[name]).toBe(byToken.context?.[name]);
    }
    expect(byKey.principalId).toBe(byToken.principalId);
  });

  it('hands on no control character, which could end a header', async () => {
    const { realm, answer } = start();
    const token = await realm.token({ given_name: 'Ada\r\nX-Admin: yes', family_name: '\u0000\u0085', scope: 'a\tb' });
    const { context } = (await answer(`Bearer ${token}`)).result;
    expect(context).toMatchObject({ firstName: 'AdaX-Admin: yes', scope: 'ab' });
    expect(context).not.toHaveProperty('lastName');
  });

  it('hands on no control character of a role', async () => {
    const { realm, answer } = start();
    const { result } = await answer(`Bearer ${await realm.token({ realm_access: { roles: ['a\u007fb', 7, 'c'] } })}`);
    expect(JSON.parse(String(result.context?.['roles']))).toEqual(['ab', 'c']);
  });

  it('leaves out claims of another type than Keycloak gives them', async () => {
    const { realm, answer } = start();
    const token = await realm.token({ email: 7, given_name: ['Ada'], family_name: null, realm_access: 'admin' });
    const { context } = (await answer(`Bearer ${token}`)).result;
    for (const name of ['email', 'firstName', 'lastName', 'roles']) expect(context).not.toHaveProperty(name);
  });

  it('takes a token of a service account, which has no profile', async () => {
    const { realm, answer } = start();
    const none = { email: undefined, given_name: undefined, family_name: undefined, realm_access: undefined };
    const { result } = await answer(`Bearer ${await realm.token({ ...none, sub: 'service-7', azp: 'orders-cli' })}`);
    expect(result.context).toMatchObject({ userId: 'service-7', clientId: 'orders-cli' });
  });

  it('takes a token of exactly 8192 characters', async () => {
    const { realm, answer } = start();
    expect((await answer(`Bearer ${await realm.tokenOfLength(8192)}`)).log.reason).toBe('token.valid');
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('takes a token behind the scheme %s', async (scheme) => {
    const { realm, answer } = start();
    expect((await answer(`${scheme} ${await realm.token()}`)).log.reason).toBe('token.valid');
  });

  it.each(['rest-govcloud', 'http-payload-2-bearer'])('takes a token from the event %s', async (name) => {
    const { realm, answer, clock } = start();
    const event = loadEvent(name, await realm.token());
    const { result } = await answer(event);
    expect(judge(result.policyDocument, { arn: arnOf(event, 'GET', '/'), now: clock.now() })).toBe('allow');
  });

  it('takes a single audience and a list, whichever place it has there', async () => {
    const { realm, answer } = start();
    for (const aud of ['orders-api', ['orders-api'], ['account', 'orders-api']]) {
      expect((await answer(`Bearer ${await realm.token({ aud })}`)).log.reason).toBe('token.valid');
    }
  });

  it('takes any audience and client when that was said out loud', async () => {
    const { realm, answer } = start({ env: { GATEPASS_AUDIENCE: '*', GATEPASS_CLIENTS: '*' } });
    const token = await realm.token({ aud: undefined, azp: undefined });
    expect((await answer(`Bearer ${token}`)).log.reason).toBe('token.valid');
  });

  it('takes a token without nbf and iat', async () => {
    const { realm, answer } = start();
    const token = await realm.token({ nbf: undefined, iat: undefined });
    expect((await answer(`Bearer ${token}`)).log.reason).toBe('token.valid');
  });

  it('does not need the table', async () => {
    const { realm, answer, table } = start();
    table.misbehave('hang up');
    expect((await answer(`Bearer ${await realm.token()}`)).log.reason).toBe('token.valid');
    expect(table.operations).toEqual([]);
  });

  it('asks the table for no account unless told to, so a disabled user has the token until it ends', async () => {
    const { seed, realm, answer } = start();
    const token = await realm.token({ sub: await seed.user({ active: false }) });
    expect((await answer(`Bearer ${token}`)).log).toMatchObject({ reason: 'token.valid', tableRequests: 0 });
  });

  it('asks the table once when accounts are checked, and accepts an active account and none', async () => {
    const { seed, realm, answer, table } = start({ env: { GATEPASS_ACCOUNT_CHECK: 'all' } });
    for (const sub of [await seed.user(), 'user-without-account']) {
      const { log } = await answer(`Bearer ${await realm.token({ sub })}`);
      expect(log).toMatchObject({ reason: 'token.valid', tableRequests: 1 });
    }
    expect(table.operations).toEqual(['BatchGetItem', 'BatchGetItem']);
  });

  it.each([
    ['without a use', { use: undefined }],
    ['without an algorithm', { alg: undefined }],
    ['that may verify', { key_ops: ['verify'] }],
  ])('takes a key of the realm %s', async (_, change) => {
    const { realm, answer } = start();
    const other = makeKeyPair(1, change);
    realm.publish(other.jwk);
    expect((await answer(`Bearer ${await sign(realm.claims(), other)}`)).log.reason).toBe('token.valid');
  });

  it('finds its signing key beside an encryption key, in either order, and beside odd entries', async () => {
    for (const order of [1, -1]) {
      const { realm, answer } = start();
      const encryption = makeKeyPair(1, { use: 'enc', alg: 'RSA-OAEP' }).jwk;
      realm.publish(
        ...[encryption, null, 'key', [], { kty: 'RSA' }, { kid: 7 }, realm.signing.jwk].slice().sort(() => order),
      );
      expect((await answer(`Bearer ${await realm.token()}`)).log.reason).toBe('token.valid');
    }
  });

  it('finds its signing key under a kid that an unsuitable key shares, in either order', async () => {
    for (const isFirst of [true, false]) {
      const { realm, answer } = start();
      const twin = makeKeyPair(1, { kid: realm.signing.kid, use: 'enc' }).jwk;
      realm.publish(...(isFirst ? [twin, realm.signing.jwk] : [realm.signing.jwk, twin]));
      expect((await answer(`Bearer ${await realm.token()}`)).log.reason).toBe('token.valid');
    }
  });
});

describe('200: the whole stage', () => {
  it('answers the same for every route and method, so that a cached result fits them all', async () => {
    const { seed, answer, clock } = start();
    const { key } = await seed.key(await seed.user());
    const event = loadEvent('api-key-valid', key);
    const { result } = await answer(event);
    for (const method of [...METHODS, 'OPTIONS']) {
      for (const path of ['/', '/api/v1/whoami', '/api/v1/a:b/c?d', '/deep/er/than/any']) {
        expect(see(result, requestOf(event, clock.now(), { method, path }))).toEqual({ status: 200 });
      }
      const other = await answer({ ...event, methodArn: arnOf(event, method, '/another/path') });
      expect(other.result).toEqual(result);
    }
  });
});
