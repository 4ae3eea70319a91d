import { describe, expect, it } from 'vitest';
import {
  checkAudience,
  checkClient,
  checkIssuer,
  checkSubject,
  checkTimes,
  checkType,
  checkUnbound,
  endOf,
} from '../../../src/bearer/claims.ts';

const NOW = 1_795_508_130;
const NOW_MS = NOW * 1000;
const SKEW = 30;

describe('the end of a token', () => {
  it.each([
    [NOW, NOW + SKEW],
    [NOW + 0.001, NOW + SKEW],
    [NOW + 0.999, NOW + SKEW],
    [-1.5, 28],
    [253_402_300_769, 253_402_300_799],
    [253_402_300_770, 253_402_300_799],
    [Number.MAX_VALUE, 253_402_300_799],
  ])('for the exp %d is the whole second %i', (exp, end) => {
    expect(endOf(exp)).toBe(end);
  });
});

describe('the times of a token', () => {
  const check = (claims: object, nowMs = NOW_MS) => checkTimes({ exp: NOW + 60, ...claims }, nowMs);

  it('are good within exp, without nbf and iat', () => {
    expect(check({})).toBeUndefined();
    expect(check({ nbf: undefined, iat: undefined })).toBeUndefined();
  });

  it.each([undefined, null, `${NOW + 60}`, true, {}, [NOW + 60], Number.NaN, Number.POSITIVE_INFINITY])(
    'are refused without an exp that is a finite number: %j',
    (exp) => {
      expect(check({ exp })).toBe('token.expiry_missing');
    },
  );

  it('are good to the last millisecond of the skew after exp, and no further', () => {
    expect(check({ exp: NOW }, (NOW + SKEW) * 1000 - 1)).toBeUndefined();
    expect(check({ exp: NOW }, (NOW + SKEW) * 1000)).toBe('token.expired');
    expect(check({ exp: NOW }, (NOW + SKEW) * 1000 + 1)).toBe('token.expired');
  });

  it('are good before the moment that the policy names for a fraction of a second', () => {
    expect(check({ exp: NOW + 0.9 }, (NOW + SKEW) * 1000 - 1)).toBeUndefined();
    expect(check({ exp: NOW + 0.9 }, (NOW + SKEW) * 1000)).toBe('token.expired');
  });

  it.each([0, -1, -Number.MAX_VALUE, NOW - SKEW])('are past with the exp %d', (exp) => {
    expect(check({ exp })).toBe('token.expired');
  });

  it('are good with an nbf up to the skew ahead, and no further', () => {
    expect(check({ nbf: NOW + SKEW })).toBeUndefined();
    expect(check({ nbf: NOW + SKEW + 0.001 })).toBe('token.not_yet_valid');
    expect(check({ nbf: NOW + SKEW + 1 })).toBe('token.not_yet_valid');
    expect(check({ nbf: NOW + SKEW + 1 }, NOW_MS + 999)).toBe('token.not_yet_valid');
    expect(check({ nbf: NOW + SKEW + 1 }, NOW_MS + 1000)).toBeUndefined();
  });

  it('are good with an iat up to the skew ahead, and no further', () => {
    expect(check({ iat: NOW + SKEW })).toBeUndefined();
    expect(check({ iat: NOW + SKEW + 0.001 })).toBe('token.issued_in_future');
    expect(check({ iat: NOW + SKEW + 1 })).toBe('token.issued_in_future');
    expect(check({ iat: NOW + SKEW + 1 }, NOW_MS + 999)).toBe('token.issued_in_future');
    expect(check({ iat: NOW + SKEW + 1 }, NOW_MS + 1000)).toBeUndefined();
  });

  it.each([0, -1, 1])('are good with nbf and iat %d, however long ago', (long) => {
    expect(check({ nbf: long, iat: long })).toBeUndefined();
  });

  it.each([null, `${NOW}`, true, {}, [NOW], Number.NaN, Number.NEGATIVE_INFINITY])(
    'are refused with an nbf or an iat that is not a finite number: %j',
    (time) => {
      expect(check({ nbf: time })).toBe('token.not_yet_valid');
      expect(check({ iat: time })).toBe('token.issued_in_future');
    },
  );
});

describe('the issuer of a token', () => {
  const ISSUER = 'https://id.example.com/realms/main';

  it('is the configured one to the letter', () => {
    expect(checkIssuer({ iss: ISSUER }, ISSUER)).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    '',
    `${ISSUER}/`,
    `${ISSUER} `,
    ISSUER.toUpperCase(),
    ISSUER.replace('main', 'Main'),
    ISSUER.replace('https', 'http'),
    ISSUER.replace('example.com', 'example.com:443'),
    'https://id.example.com/realms/mai',
    [ISSUER],
    { iss: ISSUER },
  ])('is not %j', (iss) => {
    expect(checkIssuer({ iss }, ISSUER)).toBe('token.issuer');
  });
});

describe('the type of a token', () => {
  it('is that of an access token', () => {
    expect(checkType({ typ: 'Bearer' })).toBeUndefined();
  });

  it.each([undefined, null, '', 'ID', 'Refresh', 'Offline', 'Logout', 'dpop', 'bearer', 'BEARER', 'JWT', ['Bearer']])(
    'is not %j',
    (typ) => {
      expect(checkType({ typ })).toBe('token.type');
    },
  );

  it('is that of a token bound to its sender, if Keycloak calls it DPoP', () => {
    expect(checkType({ typ: 'DPoP' })).toBe('token.sender_constrained');
  });
});

describe('the subject of a token', () => {
  it.each(['u', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'Zoë', 'a b', '0'])('may be %j', (sub) => {
    expect(checkSubject({ sub })).toBeUndefined();
  });

  it.each([undefined, null, '', 7, ['u'], {}, 'a\u0000', 'a\n', '\u001fa', 'a\u007fb', '\u0080', '\u009f'])(
    'may not be %j',
    (sub) => {
      expect(checkSubject({ sub })).toBe('token.subject');
    },
  );

  it.each(['\u0020a', '\u007e', '\u00a0'])('may hold what stands just outside of the control characters: %j', (sub) => {
    expect(checkSubject({ sub })).toBeUndefined();
  });
});

describe('the audience of a token', () => {
  const ALLOWED = ['my-api', 'other-api'];

  it.each([['my-api'], ['other-api'], [['my-api']], [['account', 'other-api']], [[5, null, 'my-api']]])(
    'is one of those allowed: %j',
    (aud) => {
      expect(checkAudience({ aud }, ALLOWED)).toBeUndefined();
    },
  );

  it.each([
    [undefined],
    [null],
    [''],
    ['my'],
    ['my-api '],
    ['MY-API'],
    ['my-api,other-api'],
    [5],
    [[]],
    [['account']],
    [[['my-api']]],
    [{ 'my-api': 'my-api' }],
    ['*'],
  ])('is none of those allowed: %j', (aud) => {
    expect(checkAudience({ aud }, ALLOWED)).toBe('token.audience');
  });

  it('is nothing that a list of none allows', () => {
    expect(checkAudience({ aud: undefined }, [])).toBe('token.audience');
    expect(checkAudience({ aud: [] }, [])).toBe('token.audience');
  });

  it.each([undefined, null, 'anything', [], 5])('may be anything where any is allowed: %j', (aud) => {
    expect(checkAudience({ aud }, 'any')).toBeUndefined();
  });
});

describe('the client of a token', () => {
  const ALLOWED = ['my-web', 'my-cli'];

  it.each(ALLOWED)('is one of those allowed: %s', (azp) => {
    expect(checkClient({ azp }, ALLOWED)).toBeUndefined();
  });

  it.each([undefined, null, '', 'my', 'MY-WEB', 'my-web ', ['my-web'], 5, '*'])('is none of those: %j', (azp) => {
    expect(checkClient({ azp }, ALLOWED)).toBe('token.client');
  });

  it.each([undefined, null, 'anything', 5])('may be anything where any is allowed: %j', (azp) => {
    expect(checkClient({ azp }, 'any')).toBeUndefined();
  });
});

describe('a token', () => {
  it('may be a plain bearer token only', () => {
    expect(checkUnbound({})).toBeUndefined();
  });

  it.each([null, {}, '', { jkt: 'a' }, { 'x5t#S256': 'a' }, false])('bound to its sender by %j is refused', (cnf) => {
    expect(checkUnbound({ cnf })).toBe('token.sender_constrained');
  });
});
