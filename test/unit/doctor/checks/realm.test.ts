import { describe, expect, it } from 'vitest';
import { judgeFetch, realmChecks } from '../../../../src/doctor/checks/realm.ts';
import { makeKeyPair } from '../../../support/realm.ts';
import { answerOf, CERTS, ISSUER, NO_ANSWER, realmOf, runCheck, TIMEOUT_MS } from '../answers.ts';

type Realm = Parameters<typeof realmOf>[0];
const run = (name: string, realm: Realm) => runCheck(realmChecks, name, realmOf(realm));

describe('a realm is asked over TLS', () => {
  it.each(['http://localhost:8080/r', 'http://127.0.0.1/r', 'http://[::1]:8080/r', ISSUER])(
    'and may be %s',
    async (url) => {
      expect((await run('realm.https', { issuer: url, jwksUri: url })).severity).toBe('ok');
    },
  );

  it.each(['http://id.example.com/r', 'http://127.example.com/r', 'nonsense'])('and may not be %s', async (url) => {
    const finding = { severity: 'problem', found: `Not by https: ${url}.` };
    expect(await run('realm.https', { jwksUri: url })).toMatchObject(finding);
    expect(await run('realm.https', { issuer: url, jwksUri: url })).toMatchObject(finding);
  });
});

describe('the discovery document', () => {
  const check = (body: unknown, options = {}) => run('realm.discovery', { discovery: answerOf(body, options) });

  it('is good when its issuer is the configured one', async () => {
    expect((await check({ issuer: ISSUER })).severity).toBe('ok');
  });

  it('is a problem when its issuer is another, and says how they differ', async () => {
    expect(await check({ issuer: `${ISSUER}/` })).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('there with a slash'),
      remedy: expect.stringContaining('GATEPASS_ISSUER'),
    });
  });

  it.each([
    ['a realm that does not exist', 'Realm does not exist', 404, {}, 'no realm of this name'],
    ['a wrong path', 'not found', 404, {}, '/auth before /realms'],
    ['a redirect', '', 302, { location: 'https://other.example.com/' }, 'Redirects are not followed'],
    ['a login', '', 401, {}, 'without credentials'],
    ['an error', '', 503, {}, 'log of Keycloak'],
    ['a page', '<html>', 200, {}, 'login page'],
    ['JSON of another kind', '{}', 200, {}, 'login page'],
    ['an issuer that is no text', '{"issuer":7}', 200, {}, 'Keycloak'],
  ])('is a problem when there is %s in its place', async (_, body, status, headers, remedy) => {
    expect(await check(body, { status, headers })).toMatchObject({
      severity: 'problem',
      remedy: expect.stringContaining(remedy),
    });
  });

  it('says where a redirect leads', async () => {
    const headers = { location: 'https://other.example.com/' };
    expect((await check('', { status: 302, headers })).found).toContain('a redirect to https://other.example.com/');
  });

  it('may be out of reach, at the cost of a warning, when the keys have an address of their own', async () => {
    const check = async (realm: Realm) => (await run('realm.discovery', realm)).severity;
    expect(await check({})).toBe('problem');
    expect(await check({ isJwksUriGiven: true })).toBe('warning');
    expect(await check({ isJwksUriGiven: true, discovery: answerOf({ issuer: 'https://x' }) })).toBe('problem');
  });
});

describe('the algorithms', () => {
  it.each([
    [['ES256', 'RS256'], 'ok'],
    [['ES256', 'PS256'], 'problem'],
    [[], 'problem'],
    [undefined, 'skipped'],
    ['RS256', 'skipped'],
  ])('%j are %s', async (algorithms, severity) => {
    const discovery = answerOf({ issuer: ISSUER, id_token_signing_alg_values_supported: algorithms });
    expect((await run('realm.algorithm', { discovery })).severity).toBe(severity);
  });

  it('are not judged without a discovery document', async () => {
    const discovery = answerOf({ issuer: ISSUER }, { status: 500 });
    expect((await run('realm.algorithm', {})).severity).toBe('skipped');
    expect((await run('realm.algorithm', { discovery })).severity).toBe('skipped');
  });
});

describe('the answer with the keys', () => {
  it.each([
    [TIMEOUT_MS / 2 - 1, 'ok'],
    [TIMEOUT_MS / 2, 'warning'],
    [TIMEOUT_MS - 1, 'warning'],
    [TIMEOUT_MS, 'problem'],
  ])('that takes %d ms, of what the authorizer waits, is %s', (took, severity) => {
    expect(judgeFetch(answerOf({}, { took }), TIMEOUT_MS).severity).toBe(severity);
  });

  it('is a problem when it is missing, of another status or elsewhere', () => {
    expect(judgeFetch(NO_ANSWER, TIMEOUT_MS)).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('503'),
    });
    expect(judgeFetch(answerOf('', { status: 500 }), TIMEOUT_MS).severity).toBe('problem');
    expect(judgeFetch(answerOf('', { status: 301, headers: { location: '/x' } }), TIMEOUT_MS)).toMatchObject({
      severity: 'problem',
      remedy: expect.stringContaining('Redirects'),
    });
  });
});

describe('the address of the keys', () => {
  const good = { keys: [makeKeyPair(0, { kid: 'good' }).jwk] };
  const other = { keys: [makeKeyPair(1, { kid: 'other' }).jwk] };
  const [given, own] = ['https://keycloak.internal/certs', 'https://other.example.com/certs'];
  const check = async (named: unknown, realm: Realm = {}) =>
    (
      await run('realm.jwks_uri', {
        jwks: answerOf(good),
        discovery: answerOf({ issuer: ISSUER, jwks_uri: named }),
        ...realm,
      })
    ).severity;

  it('is good when it is the one that the realm names, and when the realm names none', async () => {
    expect([await check(CERTS), await check(undefined)]).toEqual(['ok', 'ok']);
    expect(await check(CERTS, { discovery: NO_ANSWER })).toBe('ok');
  });

  it('is worth a warning when the realm names another than the default one', async () => {
    expect(await check(own)).toBe('warning');
  });

  it('may be another when it is given, if it has a key in common with the one that the realm names', async () => {
    const inside = { jwksUri: given, isJwksUriGiven: true };
    expect(await check(own, { ...inside, others: { [own]: answerOf({ keys: [...good.keys, ...other.keys] }) } })).toBe(
      'ok',
    );
    expect(await check(own, { ...inside, others: { [own]: answerOf(other) } })).toBe('problem');
  });

  it('is not compared with one that is out of reach, nor when it has no keys', async () => {
    const inside = { jwksUri: given, isJwksUriGiven: true };
    expect(await check(own, inside)).toBe('ok');
    const empty = { ...inside, jwks: answerOf({ keys: [] }), others: { [own]: answerOf(other) } };
    expect(await check(own, empty)).toBe('ok');
  });
});
