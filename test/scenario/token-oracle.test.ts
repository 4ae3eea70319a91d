import { createHmac, createPublicKey, type KeyObject, sign as rsaSign } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { SECOND } from '../support/moved-clock.ts';
import { fc } from '../support/properties.ts';
import { AUDIENCE, CLIENT, type Claims, ISSUER, makeKeyPair, type RealmKeyPair } from '../support/realm.ts';

const start = useGatepass();

const SKEW_SECONDS = 30;
const MAX_TOKEN_LENGTH = 8192;

/** Another JWT library, with our settings. It doesn't know the rules that `keepsOurRules` adds. */
async function joseVerifies(token: string, jwks: JSONWebKeySet, now: number): Promise<JWTPayload | undefined> {
  const settings = {
    algorithms: ['RS256'],
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
  };
  const verified = await jwtVerify(token, createLocalJWKSet(jwks), settings).catch(() => undefined);
  return verified?.payload;
}

function keepsOurRules(token: string, claims: JWTPayload, now: number): boolean {
  const { kid, crit } = decodeProtectedHeader(token);
  const { exp, iat, sub, aud, jti } = claims;
  const { typ, azp, cnf, scope } = claims;
  return (
    token.length <= MAX_TOKEN_LENGTH &&
    // RFC 7515, section 2: jose decodes a signature with blanks in it.
    token.split('.').every((part) => /^[A-Za-z0-9_-]+$/.test(part)) &&
    typeof kid === 'string' &&
    kid !== '' &&
    crit === undefined &&
    typ === 'Bearer' &&
    azp === CLIENT &&
    cnf === undefined &&
    typeof sub === 'string' &&
    /^\P{Cc}+$/u.test(sub) &&
    Number.isFinite(exp) &&
    now < (Math.floor(Number(exp)) + SKEW_SECONDS) * SECOND &&
    (iat === undefined || iat <= now / SECOND + SKEW_SECONDS) &&
    // RFC 7519, section 4.1, gives these claims their types.
    [aud].flat().every((one) => typeof one === 'string') &&
    (jti === undefined || typeof jti === 'string') &&
    (scope === undefined || typeof scope === 'string')
  );
}

/** Each token meets a new authorizer, so that unknown keys use up nobody's fetches. */
async function compare(token: string, jwks: JSONWebKeySet): Promise<'allow' | 'deny'> {
  const gatepass = start();
  gatepass.realm.answer(jwks);
  const now = gatepass.clock.now();
  const claims = await joseVerifies(token, jwks, now);
  const expected = claims !== undefined && keepsOurRules(token, claims, now) ? 'allow' : 'deny';
  const { log } = await gatepass.answer(`Bearer ${token}`);
  expect(log.outcome, `${log.reason}: ${token}`).toBe(expected);
  return expected;
}

/** A realm with one signing key, and a stranger's key that it doesn't publish. */
function setUp(): { gatepass: Gatepass; jwks: JSONWebKeySet; stranger: RealmKeyPair } {
  const gatepass = start();
  const { signing } = gatepass.realm;
  // The public half of an RSA key in the form of node:crypto, which is jose's too.
  const jwks = { keys: [signing.jwk] } as JSONWebKeySet;
  return { gatepass, jwks, stranger: makeKeyPair(1) };
}

describe('jose, an independent library, agrees with every decision about', () => {
  it('a good token with characters changed, added or taken away', async () => {
    const { gatepass, jwks } = setUp();
    const token = await gatepass.realm.token();
    expect(await compare(token, jwks)).toBe('allow');

    const edit = fc.record({
      at: fc.nat(token.length),
      remove: fc.nat(3),
      insert: fc.oneof(
        fc.constant(''),
        fc.stringMatching(/^[\w-]{1,4}$/),
        fc.string({ maxLength: 3 }),
        fc.constantFrom('.', '=', '+', '/', ' ', '\n'),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
        const mutated = edits.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          token,
        );
        // The header's value is trimmed and its first blank ends the scheme before anybody sees a token.
        fc.pre(mutated === mutated.trim());
        await compare(mutated, jwks);
      }),
      { numRuns: 400 },
    );
  });

  it('the last characters of a signature, whose spare bits mean nothing', async () => {
    const { gatepass, jwks } = setUp();
    const token = await gatepass.realm.token();
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      await compare(token.slice(0, -1) + last, jwks);
    }
  });

  it('any claims and header, signed by the realm, a stranger or with the public key as a secret', async () => {
    const { gatepass, jwks, stranger } = setUp();
    const { signing } = gatepass.realm;
    const outcomes = { allow: 0, deny: 0 };
    await fc.assert(
      fc.asyncProperty(
        claimChanges(gatepass),
        headerChanges(signing.kid),
        signers(),
        async (change, header, signer) => {
          const claims = JSON.stringify(gatepass.realm.claims(change));
          const head = JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: signing.kid, ...header });
          const key = signer === 'stranger' ? stranger.privateKey : signing.privateKey;
          const token = signer === 'hmac' ? signHmac(head, claims, key) : signRsa(head, claims, key);
          outcomes[await compare(token, jwks)] += 1;
        },
      ),
      { numRuns: 500 },
    );
    // Else the generators would prove nothing.
    expect(Math.min(outcomes.allow, outcomes.deny)).toBeGreaterThan(30);
  });
});

/** Each claim left as it is, mostly, or of a value that is good, near a limit or odd. */
function claimChanges({ clock }: Gatepass): fc.Arbitrary<Claims> {
  const now = clock.seconds();
  const moment = fc.oneof(
    fc.integer({ min: -40, max: 40 }).map((offset) => now + offset),
    fc.double({ min: -40, max: 40, noNaN: true }).map((offset) => now + offset),
    odd(),
  );
  const changes = fc.record(
    {
      exp: fc.oneof({ weight: 3, arbitrary: fc.constant(now + 300) }, { weight: 2, arbitrary: moment }),
      nbf: fc.oneof({ weight: 3, arbitrary: fc.constant(now) }, { weight: 1, arbitrary: moment }),
      iat: fc.oneof({ weight: 3, arbitrary: fc.constant(now) }, { weight: 1, arbitrary: moment }),
      iss: rarely(fc.oneof(fc.constantFrom(`${ISSUER}/`, 'https://id.example.com/realms/other', [ISSUER]), odd())),
      sub: rarely(fc.oneof(fc.string(), fc.constantFrom('', '\u0085', 'a\nb', 'ü'), odd())),
      aud: rarely(fc.oneof(fc.constantFrom(AUDIENCE, [AUDIENCE], ['x', AUDIENCE], [AUDIENCE, 7], 'x', []), odd())),
      azp: rarely(fc.oneof(fc.constantFrom('x', CLIENT, [CLIENT]), odd())),
      typ: rarely(fc.oneof(fc.constantFrom('ID', 'Refresh', 'bearer'), odd())),
      cnf: rarely(fc.oneof(fc.constant({ jkt: 'x' }), odd())),
      jti: rarely(odd()),
      scope: rarely(odd()),
    },
    { requiredKeys: [] },
  );
  return changes.map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== KEEP)));

  /** Were every claim changed every time, no good token would be left. */
  function rarely(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    return fc.oneof({ weight: 8, arbitrary: fc.constant(KEEP) }, { weight: 2, arbitrary });
  }
}

const KEEP = Symbol('keep');

function odd(): fc.Arbitrary<unknown> {
  return fc.oneof(fc.constantFrom(undefined, null, 0, -1, 1e300, '', '1', true, [], {}), fc.jsonValue({ maxDepth: 1 }));
}

function headerChanges(kid: string): fc.Arbitrary<Claims> {
  const change: fc.Arbitrary<Claims> = fc.oneof(
    fc.record({
      alg: fc.constantFrom('none', 'HS256', 'RS384', 'RS512', 'PS256', 'ES256', 'rs256', '', undefined, null),
    }),
    fc.record({ kid: fc.constantFrom(undefined, '', 'other', `${kid}x`, null, 7, [kid]) }),
    fc.record({ typ: fc.constantFrom('at+jwt', 'JWS', undefined, 7) }),
    fc.record({
      crit: fc.constantFrom([], ['b64'], ['exp'], 'b64', null),
      b64: fc.constantFrom(true, false, undefined),
    }),
    fc.record({ b64: fc.constantFrom(true, false), jku: fc.webUrl(), cty: fc.constant('JWT') }),
  );
  return fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: change });
}

function signers(): fc.Arbitrary<'realm' | 'stranger' | 'hmac'> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant('realm' as const) },
    { weight: 1, arbitrary: fc.constant('stranger' as const) },
    { weight: 1, arbitrary: fc.constant('hmac' as const) },
  );
}

function signRsa(header: string, claims: string, key: KeyObject): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${rsaSign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

function signHmac(header: string, claims: string, key: KeyObject): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  const secret = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
