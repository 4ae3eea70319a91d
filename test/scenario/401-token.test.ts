import { createPublicKey, createSecretKey, randomBytes, sign as rsaSign } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { newRsaKey } from '../../src/rsa-key.ts';
import { type PrimaryKey, revokedRealmAt, revokedSessionAt, revokedUserAt } from '../../src/table/items.ts';
import { loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { type Claims, describeKey, ISSUER, makeKeyPair, type Realm, sign } from '../support/realm.ts';
import { type Refusal, type Refusals, testRefusals } from '../support/refusals.ts';

const start = useGatepass();

describe('401: token', () => {
  const refusals: Refusals<'token'> = {
    'token.malformed': [
      way('refuses what is no token', () => 'Bearer not-a-token'),
      way('refuses two tokens behind one scheme', async ({ realm }) => {
        return `Bearer ${await realm.token()} ${await realm.token()}`;
      }),
      way('refuses a line break, and takes nothing behind Bearer for a bad key', () => 'Bearer a.b.c\nd'),
      way('refuses two parts', async ({ realm }) => bearer((await realm.token()).replace(/\.[^.]*$/, ''))),
      way('refuses four parts', async ({ realm }) => bearer(`${await realm.token()}.AAAA`)),
      way('refuses an encrypted token of five parts', () => bearer('e30.e30.e30.e30.e30')),
      way('refuses an empty signature', async ({ realm }) => bearer((await realm.token()).replace(/[^.]*$/, ''))),
      way('refuses an unsigned token (alg none)', ({ realm }) =>
        bearer(new UnsecuredJWT({ ...realm.claims() }).encode()),
      ),
      way('refuses padding', async ({ realm }) => bearer(`${await realm.token()}==`)),
      way('refuses the other base64 alphabet', async ({ realm }) =>
        bearer((await realm.token()).replace(/[^.]*$/, (signature) => `${signature.slice(0, -2)}+/`)),
      ),
      way('refuses claims that are an array', ({ realm }) => bearer(signRaw(realm, '[]'))),
      way('refuses claims that are not JSON', ({ realm }) => bearer(signRaw(realm, 'exp=1'))),
      way('refuses a header that is not an object', ({ realm }) => bearer(signRaw(realm, '{}', '"RS256"'))),
      way('refuses claims of the wrong type', ({ realm }) => bearer(realm.token({ iat: '1795508130' }))),
    ],
    'token.too_large': [
      way('refuses more than 8,192 characters, good or not', ({ realm }) => bearer(realm.tokenOfLength(8193))),
      way('refuses what is no token by its length alone', () => bearer('x'.repeat(8193))),
    ],
    'token.algorithm': [
      way('refuses an HS256 token signed with the public key of the realm', ({ realm }) => {
        const pem = Buffer.from(publicPem(realm));
        return bearer(signHmac(realm, 'HS256', pem));
      }),
      way('refuses a refresh token, which Keycloak signs with HS512', ({ realm }) =>
        bearer(signHmac(realm, 'HS512', randomBytes(64), { typ: 'Refresh' })),
      ),
      way('refuses alg none with a signature', ({ realm }) =>
        bearer(signRaw(realm, claimsOf(realm), '{"alg":"none"}')),
      ),
      way('refuses RS512 by the right key', ({ realm }) => bearer(realm.token({}, { alg: 'RS512' }))),
      way('refuses PS256 by the right key', ({ realm }) => bearer(realm.token({}, { alg: 'PS256' }))),
      way('refuses rs256: names are case-sensitive', ({ realm }) =>
        bearer(signRaw(realm, claimsOf(realm), JSON.stringify({ alg: 'rs256', kid: realm.signing.kid }))),
      ),
      way('refuses a header without an algorithm', ({ realm }) =>
        bearer(signRaw(realm, claimsOf(realm), JSON.stringify({ kid: realm.signing.kid }))),
      ),
    ],
    'token.critical': [
      way('refuses a critical extension, even one that changes nothing', ({ realm }) =>
        bearer(realm.token({}, { crit: ['b64'], b64: true })),
      ),
      way('refuses an empty list of critical extensions', ({ realm }) =>
        bearer(signRaw(realm, claimsOf(realm), JSON.stringify({ alg: 'RS256', kid: realm.signing.kid, crit: [] }))),
      ),
    ],
    'token.issuer': [
      way('refuses another realm', ({ realm }) => bearer(realm.token({ iss: 'https://id.example.com/realms/other' }))),
    ],
    'token.key_id': [
      way('refuses a token without a kid, though the realm has one key only', ({ realm }) =>
        bearer(realm.token({}, { kid: undefined })),
      ),
      way('refuses an empty kid', ({ realm }) => bearer(realm.token({}, { kid: '' }))),
    ],
    'token.unknown_key': [
      way('refuses a kid that the realm does not publish', ({ realm }) =>
        bearer(realm.token({}, { kid: 'no-such-key' })),
      ),
      way('refuses a kid that only objects of JavaScript have', ({ realm }) =>
        bearer(realm.token({}, { kid: 'constructor' })),
      ),
      way('does not take the key that a token brings along', async ({ realm }) => {
        const own = makeKeyPair(1);
        return bearer(sign(realm.claims(), own, { jwk: own.jwk, jku: 'https://evil.example/jwks' }));
      }),
    ],
    'token.unsuitable_key': [
      way('refuses the encryption key of the realm', ({ realm }) => byOtherKey(realm, { use: 'enc', alg: 'RSA-OAEP' })),
      way('refuses an RSA key of less than 2048 bits', async ({ realm }) => {
        const key = newRsaKey(1024);
        const short = describeKey(key);
        realm.publish(realm.signing.jwk, short.jwk);
        const header = base64url(JSON.stringify({ alg: 'RS256', kid: short.kid }));
        return bearer(signParts(header, base64url(claimsOf(realm)), key));
      }),
    ],
    'token.signature': [
      way('refuses a stranger who names the key of the realm', ({ realm }) =>
        bearer(sign(realm.claims(), makeKeyPair(1), { kid: realm.signing.kid })),
      ),
      way('refuses changed claims', async ({ realm }) => {
        const [header, , signature] = (await realm.token()).split('.');
        return bearer(`${header}.${base64url(JSON.stringify(realm.claims({ sub: 'admin' })))}.${signature}`);
      }),
      way('refuses a changed header', async ({ realm }) => {
        const [, claims, signature] = (await realm.token()).split('.');
        return bearer(`${base64url(JSON.stringify({ alg: 'RS256', kid: realm.signing.kid }))}.${claims}.${signature}`);
      }),
      way('refuses the signature of another token', async ({ realm }) => {
        const [header, claims] = (await realm.token()).split('.');
        return bearer(`${header}.${claims}.${(await realm.token()).split('.')[2]}`);
      }),
      way('refuses a cut signature', async ({ realm }) => bearer((await realm.token()).slice(0, -4))),
      way('refuses another good key of the realm than the one named', async ({ realm }) => {
        const other = makeKeyPair(1);
        realm.publish(realm.signing.jwk, other.jwk);
        return bearer(sign(realm.claims(), other, { kid: realm.signing.kid }));
      }),
    ],
    'token.expiry_missing': [
      way('refuses a token that never ends', ({ realm }) => bearer(realm.token({ exp: undefined }))),
    ],
    'token.expired': [
      way('refuses a token 30 s after its exp', ({ realm, clock }) =>
        bearer(realm.token({ exp: clock.seconds() - 30 })),
      ),
    ],
    'token.not_yet_valid': [
      way('refuses a token more than 30 s before its nbf', ({ realm, clock }) =>
        bearer(realm.token({ nbf: clock.seconds() + 31 })),
      ),
    ],
    'token.issued_in_future': [
      way('refuses a token more than 30 s before its iat', ({ realm, clock }) =>
        bearer(realm.token({ iat: clock.seconds() + 31 })),
      ),
    ],
    'token.type': [
      way('refuses an ID token, signed by the same key with the same header', ({ realm }) =>
        bearer(realm.token({ typ: 'ID' })),
      ),
      way('refuses a type in the header alone', ({ realm }) =>
        bearer(realm.token({ typ: undefined }, { typ: 'Bearer' })),
      ),
    ],
    'token.subject': [way('refuses a token without a subject', ({ realm }) => bearer(realm.token({ sub: undefined })))],
    'token.audience': [
      way('refuses a token for another API', ({ realm }) => bearer(realm.token({ aud: 'account' }))),
      way('refuses another audience even for an allowed client', ({ realm }) =>
        bearer(realm.token({ aud: 'account', azp: 'orders-web' })),
      ),
    ],
    'token.client': [way('refuses another client', ({ realm }) => bearer(realm.token({ azp: 'another-web' })))],
    'token.sender_constrained': [
      way('refuses a token that is bound to a key (DPoP), as Keycloak issues it', ({ realm }) =>
        bearer(realm.token({ typ: 'DPoP', cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } })),
      ),
      way('refuses a token that is bound to a certificate (mTLS)', ({ realm }) =>
        bearer(realm.token({ cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } })),
      ),
    ],
    'token.account_deleted': [checked('refuses a good token of a deleted user', { deleted: true })],
    'token.account_disabled': [
      checked('refuses a good token of a disabled user', { active: false }),
      checked('refuses a good token of a user who is not said to be active', { active: undefined }),
    ],
    'token.revoked': [
      revoked('refuses a token of a user who was logged out in the second that it was issued in', revokedUser),
      revoked('refuses a token of a session that ended in the second that it was issued in', revokedSession),
      revoked('refuses a token of a realm that revoked all tokens in the second that it was issued in', revokedRealm, {
        iss: `${ISSUER}-without-tokens`,
      }),
      revoked('refuses a token that does not say when it was issued', revokedUser, { iat: undefined }),
      revoked('refuses a token without a session of a user who was logged out', revokedUser, { sid: undefined }),
      revoked('refuses a token of a user without an account', revokedUser, { sub: 'user-without-account' }),
    ],
  };
  testRefusals('token', refusals, 'invalid_token', start);

  it('refuses an expired token on an HTTP API too', async () => {
    const { realm, clock, answer } = start();
    const token = await realm.token({ exp: clock.seconds() - 31 });

    const { log } = await answer(loadEvent('http-payload-2-refused', token));

    expect(log.reason).toBe('token.expired');
  });

  it('fetches nothing for a token that can not pass', async () => {
    const cases = Object.entries<readonly Refusal[]>({ ...refusals }).flatMap(([reason, ways]) =>
      FETCHED.includes(reason) ? [] : ways,
    );
    for (const { present, ...options } of cases) {
      const gatepass = start(options);
      await gatepass.answer(await present(gatepass));
      expect(gatepass.realm.fetched).toEqual([]);
    }
    expect(cases.length).toBeGreaterThan(Object.keys(refusals).length);
  });

  it('logs how large a token is that is too large', async () => {
    const { realm, answer } = start();
    expect((await answer(await bearer(realm.tokenOfLength(8193)))).log).toMatchObject({ tokenLength: 8193 });
    expect((await answer(await bearer(realm.token()))).log).not.toHaveProperty('tokenLength');
  });

  it('names no user for a forged token whose claims are all good', async () => {
    const { realm, answer } = start();
    const token = await sign(realm.claims(), makeKeyPair(1), { kid: realm.signing.kid });
    expect((await answer(await bearer(token))).log).not.toHaveProperty('userId');
  });
});

/** These take the realm's keys, or the table. All others are told by the token alone. */
const FETCHED = [
  'token.unknown_key',
  'token.unsuitable_key',
  'token.signature',
  'token.account_deleted',
  'token.account_disabled',
  'token.revoked',
];

type Present = Refusal['present'];

function way(guarantee: string, present: Present): Refusal {
  return { guarantee, present, tableRequests: 0 };
}

function checked(guarantee: string, change: Readonly<Record<string, unknown>>): Refusal {
  const present = async ({ seed, realm }: Gatepass) => bearer(realm.token({ sub: await seed.user(change) }));
  return { guarantee, present, tableRequests: 1, env: { GATEPASS_ACCOUNT_CHECK: 'all' } };
}

/** @param keyOf the item that revokes the token, up to the second that it was issued in. */
function revoked(guarantee: string, keyOf: (claims: Claims) => PrimaryKey, change: Claims = {}): Refusal {
  const present = async ({ seed, realm, clock }: Gatepass) => {
    const claims = realm.claims({ sub: await seed.user(), ...change });
    await seed.put(keyOf(claims), { notBefore: clock.seconds() });
    return bearer(sign(claims, realm.signing));
  };
  const env = { GATEPASS_ACCOUNT_CHECK: 'all', GATEPASS_ISSUER: String(change['iss'] ?? ISSUER) };
  return { guarantee, present, tableRequests: 1, env };
}

function revokedUser({ sub }: Claims): PrimaryKey {
  return revokedUserAt(String(sub));
}

function revokedSession({ sub, sid }: Claims): PrimaryKey {
  return revokedSessionAt(String(sub), String(sid));
}

function revokedRealm({ iss }: Claims): PrimaryKey {
  return revokedRealmAt(String(iss));
}

async function bearer(token: string | Promise<string>): Promise<string> {
  return `Bearer ${await token}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function claimsOf(realm: Realm): string {
  return JSON.stringify(realm.claims());
}

/** A good signature of the realm over whatever claims and header. */
function signRaw(
  realm: Realm,
  claims: string,
  header = JSON.stringify({ alg: 'RS256', kid: realm.signing.kid }),
): string {
  return signParts(base64url(header), base64url(claims), realm.signing.privateKey);
}

function signParts(header: string, claims: string, privateKey: Realm['signing']['privateKey']): string {
  return `${header}.${claims}.${rsaSign('RSA-SHA256', Buffer.from(`${header}.${claims}`), privateKey).toString('base64url')}`;
}

function signHmac(realm: Realm, alg: string, secret: Uint8Array, change: Claims = {}): Promise<string> {
  return new SignJWT({ ...realm.claims(change) })
    .setProtectedHeader({ alg, typ: 'JWT', kid: realm.signing.kid })
    .sign(createSecretKey(secret));
}

function publicPem({ signing }: Realm): string {
  return createPublicKey(signing.privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** A token signed by a second key that the realm publishes as something else than a signing key. */
function byOtherKey(realm: Realm, change: Claims): Promise<string> {
  const other = makeKeyPair(1, change);
  realm.publish(other.jwk, realm.signing.jwk);
  return bearer(sign(realm.claims(), other));
}
