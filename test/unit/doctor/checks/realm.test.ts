import { describe, expect, it } from 'vitest';
import {
  checkAlgorithm,
  checkDiscovery,
  checkHttps,
  checkJwksAddress,
  checkJwksAnswer,
  defaultJwksUri,
  discoveryUrl,
  readDiscovery,
} from '../../../../src/doctor/checks/realm.ts';
import { answerOf, NO_ANSWER } from '../answers.ts';

const ISSUER = 'https://id.example.com/realms/main';

describe('where a realm is asked', () => {
  it('is below its issuer, and a slash too many is left out', () => {
    for (const issuer of [ISSUER, `${ISSUER}/`]) {
      expect(discoveryUrl(issuer)).toBe(`${ISSUER}/.well-known/openid-configuration`);
      expect(defaultJwksUri(issuer)).toBe(`${ISSUER}/protocol/openid-connect/certs`);
    }
  });

  it.each(['http://localhost:8080/r', 'http://127.0.0.1/r', 'http://[::1]:8080/r', ISSUER])('may be %s', (url) => {
    expect(checkHttps([url]).severity).toBe('ok');
  });

  it.each(['http://id.example.com/r', 'http://127.example.com/r', 'nonsense'])('may not be %s', (url) => {
    expect(checkHttps([ISSUER, url])).toMatchObject({ severity: 'problem', found: `Not by https: ${url}.` });
  });
});

describe('the discovery document', () => {
  const check = (body: unknown, options = {}) => checkDiscovery(answerOf(body, options), ISSUER, true);

  it('is good when its issuer is the configured one', () => {
    expect(check({ issuer: ISSUER }).severity).toBe('ok');
  });

  it('is a problem when its issuer is another, and says how they differ', () => {
    expect(check({ issuer: `${ISSUER}/` })).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('there with a slash'),
      todo: expect.stringContaining('GATEPASS_ISSUER'),
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
  ])('is a problem when there is %s in its place', (_, body, status, headers, todo) => {
    expect(check(body, { status, headers })).toMatchObject({
      severity: 'problem',
      todo: expect.stringContaining(todo),
    });
  });

  it('says where a redirect leads', () => {
    const headers = { location: 'https://other.example.com/' };
    expect(check('', { status: 302, headers }).found).toContain('a redirect to https://other.example.com/');
  });

  it('may be out of reach, at the cost of a warning, when the keys have an address of their own', () => {
    expect(checkDiscovery(NO_ANSWER, ISSUER, true).severity).toBe('problem');
    expect(checkDiscovery(NO_ANSWER, ISSUER, false).severity).toBe('warning');
    expect(checkDiscovery(answerOf({ issuer: 'https://x' }), ISSUER, false).severity).toBe('problem');
  });
});

describe('the algorithms', () => {
  const check = (algorithms: unknown) =>
    checkAlgorithm(readDiscovery(answerOf({ issuer: ISSUER, id_token_signing_alg_values_supported: algorithms })));

  it.each([
    [['ES256', 'RS256'], 'ok'],
    [['ES256', 'PS256'], 'problem'],
    [[], 'problem'],
    [undefined, 'skipped'],
    ['RS256', 'skipped'],
  ])('%j are %s', (algorithms, severity) => {
    expect(check(algorithms).severity).toBe(severity);
  });

  it('are not judged without a discovery document', () => {
    expect(checkAlgorithm(readDiscovery(NO_ANSWER)).severity).toBe('skipped');
    expect(checkAlgorithm(readDiscovery(answerOf({ issuer: ISSUER }, { status: 500 }))).severity).toBe('skipped');
  });
});

describe('the answer with the keys', () => {
  it.each([
    [749, 'ok'],
    [750, 'warning'],
    [1499, 'warning'],
    [1500, 'problem'],
  ])('that takes %d ms is %s, of the 1.5 s that the authorizer waits', (took, severity) => {
    expect(checkJwksAnswer(answerOf({}, { took })).severity).toBe(severity);
  });

  it('is a problem when it is missing, of another status, elsewhere or too large', () => {
    expect(checkJwksAnswer(NO_ANSWER).severity).toBe('problem');
    expect(checkJwksAnswer(answerOf('', { status: 500 })).severity).toBe('problem');
    const moved = checkJwksAnswer(answerOf('', { status: 301, headers: { location: '/x' } }));
    expect(moved).toMatchObject({ severity: 'problem', todo: expect.stringContaining('Redirects') });
    expect(checkJwksAnswer({ ...answerOf({}), isTooLarge: true }).severity).toBe('problem');
  });
});

describe('the address of the keys', () => {
  const described = (jwks_uri: unknown) => readDiscovery(answerOf({ issuer: ISSUER, jwks_uri }));

  it('is good when it is the one that the realm names, and when the realm names none', () => {
    expect(checkJwksAddress('https://a/', described('https://a/'))).toBeUndefined();
    expect(checkJwksAddress('https://a/', described(undefined))).toBeUndefined();
    expect(checkJwksAddress('https://a/', undefined)).toBeUndefined();
  });

  it('is worth a warning when the realm names another', () => {
    expect(checkJwksAddress('https://a/', described('https://b/'))?.severity).toBe('warning');
  });
});
