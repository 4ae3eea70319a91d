import { describe, expect, it } from 'vitest';
import { createLogoutVerifier } from '../../../src/bearer/logout-token.ts';
import { createRealmKeys } from '../../../src/bearer/realm-keys.ts';
import type { Trace } from '../../../src/decision.ts';
import { LOGOUT_CLIENT, logoutClaims, logoutToken } from '../../support/logout.ts';
import { createMovedClock } from '../../support/moved-clock.ts';
import { type Claims, createRealm, ISSUER, makeKeyPair, sign } from '../../support/realm.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

function start() {
  const clock = createMovedClock();
  const { now } = clock;
  const realm = createRealm(clock);
  const realmKeys = createRealmKeys({
    uri: `${ISSUER}/protocol/openid-connect/certs`,
    timeoutMs: 2000,
    fetchJwks: realm.fetchJwks,
    readKept: async () => undefined,
    now,
    random: () => 0,
  });
  const verifier = createLogoutVerifier({ realmKeys, issuer: ISSUER, clients: ['orders-cli', LOGOUT_CLIENT], now });
  const verify = (token: string) => {
    const trace: Trace = { deadline: now() + 4000, tableRequests: 0 };
    return verifier(token, trace);
  };
  const claims = (change: Claims = {}) => logoutClaims(clock.seconds(), change);
  return { clock, realm, claims, verify };
}

describe('a logout token', () => {
  it('tells who was logged out, of which session and when', async () => {
    const { clock, realm, claims, verify } = start();
    const issuedAt = clock.seconds();
    expect(await verify(await logoutToken(realm, claims()))).toStrictEqual({
      userId: 'user-42',
      sessionId: 'session-1',
      issuedAt,
      revokesOffline: false,
    });
  });

  it.each<[string, Claims, Claims, Claims]>([
    ['of an older realm, whose header says JWT', {}, { typ: 'JWT' }, {}],
    ['without a session, for all of the user', { sid: undefined }, {}, { sessionId: undefined }],
    ['for several clients, one of which is ours', { aud: ['another', LOGOUT_CLIENT] }, {}, {}],
    [
      'that ends offline sessions too',
      { events: { [EVENT]: {}, revoke_offline_access: true } },
      {},
      { revokesOffline: true },
    ],
    [
      'whose word on offline sessions is no plain yes',
      { events: { [EVENT]: {}, revoke_offline_access: 'true' } },
      {},
      {},
    ],
    ['without a jti', { jti: undefined }, {}, {}],
    ['of a session with the longest id', { sid: 's'.repeat(255) }, {}, { sessionId: 's'.repeat(255) }],
  ])('is taken: one %s', async (_, change, header, expected) => {
    const { realm, claims, verify } = start();
    expect(await verify(await logoutToken(realm, claims(change), header))).toMatchObject({
      userId: 'user-42',
      ...expected,
    });
  });

  const NOW = createMovedClock().seconds();
  it.each<[string, string, Claims, Claims]>([
    ['token.algorithm', 'not signed as RS256', {}, { alg: 'RS512' }],
    ['token.critical', 'with a critical extension', {}, { crit: ['b64'], b64: true }],
    ['token.key_id', 'that names no key', {}, { kid: undefined }],
    ['logout.header_type', 'whose header says it is another thing', {}, { typ: 'at+jwt' }],
    ['logout.header_type', 'whose header does not say what it is', {}, { typ: undefined }],
    ['token.issuer', 'of another realm', { iss: `${ISSUER}/` }, {}],
    ['token.expiry_missing', 'without an end', { exp: undefined }, {}],
    ['token.expired', 'that has ended', { iat: NOW - 130, exp: NOW - 30 }, {}],
    ['token.not_yet_valid', 'that is not yet valid', { nbf: NOW + 31 }, {}],
    ['token.issued_in_future', 'issued in the future', { iat: NOW + 31 }, {}],
    ['logout.lifetime', 'that does not say when it was issued', { iat: undefined }, {}],
    ['logout.lifetime', 'that lives for more than five minutes', { exp: NOW + 301 }, {}],
    ['logout.type', 'that is an access token by its type', { typ: 'Bearer' }, {}],
    ['logout.type', 'that is an ID token by its type', { typ: 'ID' }, {}],
    ['logout.type', 'without a type', { typ: undefined }, {}],
    ['token.subject', 'without a subject', { sub: undefined }, {}],
    ['token.subject', 'with an empty subject', { sub: '' }, {}],
    ['token.audience', 'for another client', { aud: 'another-web' }, {}],
    ['token.audience', 'for nobody', { aud: undefined }, {}],
    ['logout.session', 'with an empty session', { sid: '' }, {}],
    ['logout.session', 'with a session that is no text', { sid: 5 }, {}],
    ['logout.session', 'with a session that is too long for a key', { sid: 's'.repeat(256) }, {}],
    ['logout.nonce', 'with a nonce', { nonce: 'n' }, {}],
    ['logout.nonce', 'with an empty nonce', { nonce: '' }, {}],
    ['logout.event', 'without events', { events: undefined }, {}],
    ['logout.event', 'with events that are a list', { events: [EVENT] }, {}],
    ['logout.event', 'of another event', { events: { 'https://example.com/event': {} } }, {}],
    ['logout.event', 'whose event is no object', { events: { [EVENT]: true } }, {}],
    ['logout.event', 'whose event is a list', { events: { [EVENT]: [] } }, {}],
    ['logout.event', 'whose event is null', { events: { [EVENT]: null } }, {}],
    ['token.unknown_key', 'of an unknown key', {}, { kid: 'no-such-key' }],
  ])('is refused as %s: one %s', async (reason, _, change, header) => {
    const { realm, claims, verify } = start();
    expect(await verify(await logoutToken(realm, claims(change), header))).toBe(reason);
    // Nothing is fetched for a token that can't pass by itself.
    expect(realm.fetched).toHaveLength(reason === 'token.unknown_key' ? 1 : 0);
  });

  it('is refused when another has signed it', async () => {
    const { realm, claims, verify } = start();
    const forged = await sign(claims(), makeKeyPair(1), { kid: realm.signing.kid, typ: 'logout+jwt' });
    expect(await verify(forged)).toBe('token.signature');
  });

  it.each([
    ['token.malformed', 'not a token'],
    ['token.too_large', 'x'.repeat(8193)],
  ])('is refused as %s when it is none', async (reason, text) => {
    expect(await start().verify(text)).toBe(reason);
  });

  it.each([
    ['iat', 30, 'token.issued_in_future'],
    ['nbf', 30, 'token.not_yet_valid'],
  ])('may have a %s as far ahead as clocks are apart', async (name, ahead, reason) => {
    const { realm, claims, verify } = start();
    expect(await verify(await logoutToken(realm, claims({ [name]: NOW + ahead })))).toHaveProperty('userId');
    expect(await verify(await logoutToken(realm, claims({ [name]: NOW + ahead + 1 })))).toBe(reason);
  });

  it('may live for five minutes, and be as late as clocks are apart', async () => {
    const { clock, realm, claims, verify } = start();
    const token = await logoutToken(realm, claims({ exp: clock.seconds() + 300 }));
    clock.advance(329_999);
    expect(await verify(token)).toHaveProperty('userId');
    clock.advance(1);
    expect(await verify(token)).toBe('token.expired');
  });
});
