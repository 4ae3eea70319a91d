import { describe, expect, it } from 'vitest';
import { takeCredentials } from '../../../../src/authorizer/gateway/credentials.ts';
import { deny } from '../../../../src/decision.ts';
import type { KeyForms } from '../../../../src/key-format/imported.ts';

const OWN: KeyForms = { keyPrefix: 'gp', importedPrefixes: [] };
const WITH_IMPORTED: KeyForms = { keyPrefix: 'gp', importedPrefixes: ['legacy_', 'sk-'] };
const ANY_IMPORTED: KeyForms = { keyPrefix: 'gp', importedPrefixes: 'any' };

const KEY = 'gp_live_abc';
const TOKEN = 'eyJh.eyJp.c2ln';

function apiKey(value: string) {
  return { kind: 'api_key', value };
}

function token(value: string) {
  return { kind: 'token', value };
}

describe('an Authorization header', () => {
  it('that is absent is missing', () => {
    expect(takeCredentials([], OWN)).toStrictEqual(deny('credentials.missing'));
  });

  it.each(['', 'Bearer', 'bearer', 'BEARER', 'bEaReR', 'Bearer ', 'Bearer \t  '])('that is %j is empty', (value) => {
    for (const prefixes of [OWN, WITH_IMPORTED, ANY_IMPORTED]) {
      expect(takeCredentials([value], prefixes)).toStrictEqual(deny('credentials.empty'));
    }
  });

  it.each([[[KEY, TOKEN]], [[KEY, `Bearer ${KEY}`]], [[KEY, '']], [['', KEY]], [[KEY, 'x', 'y']]])(
    'with several values is a conflict, and none is chosen: %j',
    (values) => {
      expect(takeCredentials(values, OWN)).toStrictEqual(deny('credentials.conflict'));
    },
  );

  it('without a scheme is a key', () => {
    expect(takeCredentials([KEY], OWN)).toStrictEqual(apiKey(KEY));
  });

  it.each([
    TOKEN,
    'Basic dXNlcjpwYXNz',
    'ApiKey gp_live_abc',
    'bearergp_live_abc',
    `Bearer:${TOKEN}`,
    `Bearer\u00a0${TOKEN}`,
    `Bearer\n${TOKEN}`,
    `DPoP ${TOKEN}`,
    `, Bearer ${TOKEN}`,
  ])('without the scheme Bearer is a key whole, never a token: %j', (value) => {
    for (const prefixes of [OWN, WITH_IMPORTED, ANY_IMPORTED]) {
      expect(takeCredentials([value], prefixes)).toStrictEqual(apiKey(value));
    }
  });
});

describe('behind Bearer', () => {
  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('the scheme may be written %s', (scheme) => {
    expect(takeCredentials([`${scheme} ${KEY}`], OWN)).toStrictEqual(apiKey(KEY));
    expect(takeCredentials([`${scheme} ${TOKEN}`], OWN)).toStrictEqual(token(TOKEN));
  });

  it.each([' ', '   ', '\t', ' \t '])('the space may be %j', (space) => {
    expect(takeCredentials([`Bearer${space}${KEY}`], OWN)).toStrictEqual(apiKey(KEY));
    expect(takeCredentials([`Bearer${space}${TOKEN}${space}`], OWN)).toStrictEqual(token(TOKEN));
  });

  it('what starts with the key prefix is a key, however it goes on', () => {
    for (const value of [KEY, 'gp_', 'gp_a.b.c', 'gp_live_abc def']) {
      expect(takeCredentials([`Bearer ${value}`], OWN)).toStrictEqual(apiKey(value));
    }
  });

  it.each([TOKEN, 'abc', 'gp', 'gpx_live_abc', 'GP_live_abc', 'xgp_live_abc', 'Bearer gp_live_abc', 'legacy_abc'])(
    'all else is a token: %s',
    (value) => {
      expect(takeCredentials([`Bearer ${value}`], OWN)).toStrictEqual(token(value));
    },
  );

  it('what starts with a prefix of imported keys is a key', () => {
    expect(takeCredentials(['Bearer legacy_abc'], WITH_IMPORTED)).toStrictEqual(apiKey('legacy_abc'));
    expect(takeCredentials(['Bearer sk-a.b.c'], WITH_IMPORTED)).toStrictEqual(apiKey('sk-a.b.c'));
    expect(takeCredentials([`Bearer ${KEY}`], WITH_IMPORTED)).toStrictEqual(apiKey(KEY));
  });

  it('what starts with none of the prefixes of imported keys is a token', () => {
    for (const value of [TOKEN, 'legac', 'LEGACY_abc', 'xlegacy_abc']) {
      expect(takeCredentials([`Bearer ${value}`], WITH_IMPORTED)).toStrictEqual(token(value));
    }
  });

  it('with the prefix * what has the three parts of a token is one, and all else is a key', () => {
    for (const value of ['abc', 'a.b', 'a.b.c.d', 'a b c', KEY, 'gp_a.b.c']) {
      expect(takeCredentials([`Bearer ${value}`], ANY_IMPORTED)).toStrictEqual(apiKey(value));
    }
    for (const value of [TOKEN, 'a.b.c', '..', 'a..c', 'a.b.']) {
      expect(takeCredentials([`Bearer ${value}`], ANY_IMPORTED)).toStrictEqual(token(value));
    }
  });
});
