import { describe, expect, it } from 'vitest';
import { parseJwks, type RealmKeySet } from '../../../../src/bearer/jwks.ts';
import { DENIALS } from '../../../../src/decision.ts';
import type { Group } from '../../../../src/doctor/check.ts';
import { examineToken, type TokenParts } from '../../../../src/doctor/checks/token.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { createMovedClock } from '../../../support/moved-clock.ts';
import { AUDIENCE, CLIENT, type Claims, createRealm, ISSUER, makeKeyPair, sign } from '../../../support/realm.ts';

const clock = createMovedClock();
const realm = createRealm(clock);
const stranger = makeKeyPair(1);
const encryption = makeKeyPair(2, { use: 'enc' });
const keys: RealmKeySet = parseJwks({ keys: [realm.signing.jwk, encryption.jwk] });
const config = { issuer: ISSUER, audience: [AUDIENCE], clients: [CLIENT], accountCheck: 'keys' } as const;

const examine = (token: string, change: Partial<TokenParts> = {}) =>
  examineToken(token, { keys, config, now: clock.now, ...change });

/** The checks that are a problem, but for the decision. */
async function problemsOf(token: string): Promise<readonly string[]> {
  const findings = Object.entries(await examine(token));
  return findings.filter(([id, { severity }]) => id !== 'token.decision' && severity === 'problem').map(([id]) => id);
}

function hmac(alg: string, change: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg, kid: 'hmac' })}.${part(realm.claims(change))}.c2lnbmF0dXJl`;
}

const now = clock.seconds();

/** A token for each reason to refuse one, and the check that must point at it. */
const BAD_TOKENS: readonly (readonly [string, () => Promise<string> | string, readonly Group<'token'>[]])[] = [
  ['token.malformed', () => 'not-a-token', ['token.shape']],
  ['token.too_large', () => realm.tokenOfLength(8193), ['token.shape']],
  ['token.algorithm', () => hmac('HS512', {}), ['token.alg']],
  ['token.critical', () => realm.token({}, { crit: ['b64'], b64: true }), ['token.alg']],
  ['token.issuer', () => realm.token({ iss: `${ISSUER}/` }), ['token.iss']],
  ['token.issuer', () => realm.token({ iss: undefined }), ['token.iss']],
  ['token.key_id', () => realm.token({}, { kid: undefined }), ['token.kid']],
  ['token.unknown_key', () => realm.token({}, { kid: 'other' }), ['token.kid']],
  ['token.unsuitable_key', () => realm.token({}, { kid: encryption.kid }), ['token.kid']],
  ['token.signature', () => sign(realm.claims(), { ...stranger, kid: realm.signing.kid }), ['token.signature']],
  ['token.expiry_missing', () => realm.token({ exp: undefined }), ['token.times']],
  ['token.expired', () => realm.token({ exp: now - 30, iat: now - 330 }), ['token.times']],
  ['token.not_yet_valid', () => realm.token({ nbf: now + 31 }), ['token.times']],
  ['token.issued_in_future', () => realm.token({ iat: now + 31 }), ['token.times']],
  ['token.type', () => realm.token({ typ: 'ID' }), ['token.typ']],
  ['token.subject', () => realm.token({ sub: undefined }), ['token.sub']],
  ['token.audience', () => realm.token({ aud: undefined }), ['token.aud']],
  ['token.client', () => realm.token({ azp: 'other' }), ['token.azp']],
  ['token.sender_constrained', () => realm.token({ cnf: { jkt: 'x' } }), ['token.cnf']],
];

describe('a token', () => {
  it('that is good is good in everything', async () => {
    for (const verdict of Object.values(await examine(await realm.token()))) expect(verdict.severity).toBe('ok');
  });

  it.each(BAD_TOKENS)('that is refused for %s has the decision of the authorizer', async (reason, make) => {
    const { 'token.decision': decision } = await examine(await make());
    expect(decision).toMatchObject({ severity: 'problem', found: expect.stringContaining(`401 (${reason})`) });
  });

  it.each(BAD_TOKENS)('that is refused for %s has that one thing pointed at', async (_, make, ids) => {
    expect(await problemsOf(await make())).toEqual(ids);
  });

  it('is examined for every reason that the authorizer has to refuse one', () => {
    const reasons = Object.keys(DENIALS).filter((id) => id.startsWith('token.') && !id.startsWith('token.account_'));
    expect([...new Set(BAD_TOKENS.map(([reason]) => reason))].sort()).toEqual(reasons.sort());
  });

  it('that is wrong in several things has all of them pointed at', async () => {
    const token = await realm.token({ iss: 'https://x', aud: 'account', azp: 'other', sub: undefined });
    expect(await problemsOf(token)).toEqual(['token.iss', 'token.sub', 'token.aud', 'token.azp']);
  });

  it('that is forged and expired is not said to be signed by the realm', async () => {
    const forged = await sign(realm.claims({ exp: now - 30, iat: now - 330 }), { ...stranger, kid: realm.signing.kid });
    expect(await problemsOf(forged)).toEqual(['token.signature', 'token.times']);
  });

  it.each(BAD_TOKENS)(
    'that is refused for %s is not shown, nor its signature or claims as they came',
    async (_, make) => {
      const token = await make();
      const shown = JSON.stringify(await examine(token));
      for (const part of [token, ...token.split('.')]) expect(shown).not.toContain(part);
    },
  );
});

describe('what is no token', () => {
  const key = createApiKey(
    { prefix: 'gp', environment: 'live', keyId: createKeyId('user-42', (size) => Buffer.alloc(size, 7)) },
    (size) => Buffer.alloc(size, 7),
  );

  it.each([
    ['an API key', key, 'looks like an API key'],
    ['an encrypted token', 'e30.e30.e30.e30.e30', 'encrypted'],
    ['two parts', 'e30.e30', '2 parts'],
    ['a line break', 'e30.e30.\ne30', 'line breaks'],
    ['no signature', 'e30.e30.', 'no signature'],
    ['too large a token', `e30.e30.${'x'.repeat(9000)}`, 'takes 8192'],
    ['padding', 'e30=.e30.e30', 'unpadded base64url'],
  ])('is said to be %s', async (_, text, found) => {
    const { 'token.shape': shape } = await examine(text);
    expect(shape.found).toContain(found);
    expect(shape.found).not.toContain(text);
  });
});

describe('what to do about a token', () => {
  const adviceOn = async (token: string | Promise<string>, id: Group<'token'>) => (await examine(await token))[id];

  it('names the audience mapper of its client', async () => {
    const { found, todo } = await adviceOn(realm.token({ aud: 'account' }), 'token.aud');
    expect(found).toContain("Keycloak's own");
    expect(todo).toContain(`Clients > ${CLIENT} > Client scopes > ${CLIENT}-dedicated > Add mapper`);
    expect(todo).toContain(`Included Client Audience ${AUDIENCE}`);
  });

  it('does not send anyone to a mapper for the audience of an ID token', async () => {
    expect((await adviceOn(realm.token({ aud: CLIENT, typ: 'ID' }), 'token.aud')).todo).toContain('token.typ');
  });

  it('names the scope basic for a missing sub', async () => {
    expect((await adviceOn(realm.token({ sub: undefined }), 'token.sub')).todo).toContain('basic, as Default');
  });

  it('knows a lightweight token, and names its setting', async () => {
    const token = realm.token({ sub: undefined, aud: undefined, jti: 'onltro:1' });
    const { found, todo } = await adviceOn(token, 'token.sub');
    expect(found).toContain('lightweight');
    expect(todo).toBe(`Clients > ${CLIENT} > Advanced > Always use lightweight access token: off.`);
    expect((await adviceOn(token, 'token.aud')).todo).toMatch(/lightweight.*Add mapper/);
  });

  it('names the setting of the algorithm, and knows a refresh token', async () => {
    expect((await adviceOn(hmac('ES256', {}), 'token.alg')).todo).toContain('Access token signature algorithm: RS256');
    expect((await adviceOn(hmac('HS512', { typ: 'Refresh' }), 'token.alg')).found).toContain('refresh token');
  });

  it('names the setting of the host name for another issuer', async () => {
    const { todo } = await adviceOn(realm.token({ iss: 'http://keycloak:8080/realms/main' }), 'token.iss');
    expect(todo).toContain('--hostname=https://id.example.com');
  });

  it('tells the two ways of binding a token apart', async () => {
    expect((await adviceOn(realm.token({ cnf: { jkt: 'x' } }), 'token.cnf')).todo).toContain('DPoP');
    expect((await adviceOn(realm.token({ cnf: { 'x5t#S256': 'x' } }), 'token.cnf')).todo).toContain('Mutual TLS');
  });
});

describe('the times of a token', () => {
  const times = async (claims: Claims) => (await examine(await realm.token(claims)))['token.times'];

  it('are told in words', async () => {
    expect((await times({ exp: now + 3725, iat: now - 55 })).found).toContain('another 1 h 2 min (of 1 h 3 min)');
    expect((await times({ exp: now - 90, iat: now - 390 })).found).toContain('ended 1 min ago');
  });

  it('are worth a warning when the realm runs ahead, before it is refused for that', async () => {
    expect((await times({ iat: now + 5 })).severity).toBe('ok');
    expect((await times({ iat: now + 6 })).severity).toBe('warning');
  });
});

describe('a token whose keys are out of reach', () => {
  it('is not decided, but its claims are told', async () => {
    const findings = await examine(await realm.token(), { keys: undefined });
    expect(findings['token.decision'].found).toContain('503 (fault.realm_keys)');
    expect(findings['token.signature'].severity).toBe('skipped');
    expect(findings['token.aud'].severity).toBe('ok');
  });

  it('is refused all the same for a claim that no key makes good', async () => {
    const findings = await examine(await realm.token({ aud: 'other' }), { keys: undefined });
    expect(findings['token.decision'].found).toContain('401 (token.audience)');
    expect(findings['token.signature'].severity).toBe('skipped');
    expect(findings['token.aud'].severity).toBe('problem');
  });
});

describe('a token whose account is checked', () => {
  it('is decided by the account in the table', async () => {
    const store = { findAccount: async () => ({ userId: 'user-42', active: false }) };
    const checked = { store, config: { ...config, accountCheck: 'all' } } as const;
    const findings = await examine(await realm.token(), checked);
    expect(findings['token.decision']).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('token.account_disabled'),
      todo: expect.stringContaining('account'),
    });
    expect(findings['token.signature'].severity).toBe('ok');
  });

  it('is not said to be let through for sure without a table', async () => {
    const checked = { config: { ...config, accountCheck: 'all' } } as const;
    expect((await examine(await realm.token(), checked))['token.decision'].found).toContain('not looked up');
  });
});
