import { describe, expect, it } from 'vitest';
import {
  durationOf,
  environmentOf,
  isUserId,
  momentOf,
  networkOf,
  prefixOf,
  textOf,
  userIdOf,
} from '../../../src/accounts/input.ts';

function invalid(message: string): unknown {
  return expect.objectContaining({ name: 'AdminError', code: 'invalid_input', message });
}

describe('a text', () => {
  it.each(['x', 'Ada Lovelace', 'Zoë', '👩🏽‍🔬', '\u00a1', 'x'.repeat(256)])('may be %j', (text) => {
    expect(textOf('name', text)).toBe(text);
  });

  it.each([
    '',
    ' ',
    ' x',
    'x ',
    '\tx',
    'x\n',
    'a\u0000b',
    'a\u001fb',
    'a\u007fb',
    'a\u009fb',
    '\u00a0x',
    'x'.repeat(257),
  ])('may not be %j', (text) => {
    expect(() => textOf('name', text)).toThrow(
      invalid('The name must be 1 to 256 characters without control characters or spaces around it.'),
    );
  });
});

describe("a user's id", () => {
  it.each(['42', '...', '.a', 'a/..', 'count'])('may be %s', (id) => {
    expect(userIdOf('user id', id)).toBe(id);
  });

  it.each(['.', '..'])('may not be %s, a dot segment, which no path can have', (id) => {
    expect(() => userIdOf('user id', id)).toThrow(
      invalid('The user id must not be . or .., which no path of the realm can have.'),
    );
  });

  it.each(['a\u200bb', '\ufeffab', 'ab\u200e', 'a\u00adb', 'a\u2028b'])(
    'may not be %j, which looks like another',
    (id) => {
      expect(() => userIdOf('user id', id)).toThrow(
        invalid('The user id has a character that is not seen: type it, or copy it elsewhere.'),
      );
      expect(isUserId(id)).toBe(false);
    },
  );

  it.each(['žofie', '用户', '🦀', 'f:3f1c9f8e:ada lovelace', 'a#b%c'])('may be %s', (id) => {
    expect(userIdOf('user id', id)).toBe(id);
    expect(isUserId(id)).toBe(true);
  });

  it('may not be what no text may be', () => {
    expect(() => userIdOf('user id', '')).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    for (const id of ['', 'a ', 'a\n', 'x'.repeat(257)]) expect(isUserId(id)).toBe(false);
  });
});

describe('an environment', () => {
  it.each(['l', 'live', '0', 'test2', 'x'.repeat(32)])('may be %s', (environment) => {
    expect(environmentOf(environment)).toBe(environment);
  });

  it.each(['', 'Live', 'li-ve', 'li_ve', ' live', 'live\n', 'é', 'x'.repeat(33)])('may not be %j', (environment) => {
    expect(() => environmentOf(environment)).toThrow(
      invalid(`The environment ${environment} must be at most 32 lower-case letters and digits, as "live".`),
    );
  });
});

describe('a prefix', () => {
  it.each(['g', 'gp', 'g2', 'x'.repeat(16)])('may be %s', (prefix) => {
    expect(prefixOf(prefix)).toBe(prefix);
  });

  it.each(['', 'GP', '2g', 'g_p', 'g-p', ' gp', 'gp\n', 'é', 'x'.repeat(17)])('may not be %j', (prefix) => {
    expect(() => prefixOf(prefix)).toThrow(
      invalid(`The prefix ${prefix} must be at most 16 lower-case letters and digits, a letter first, as "gp".`),
    );
  });
});

describe('a moment', () => {
  it.each([0, 1_795_508_130, 253_402_300_799])('may be %d', (moment) => {
    expect(momentOf('expiry', moment)).toBe(moment);
  });

  it.each([-1, 0.5, 253_402_300_800, Number.NaN, Number.POSITIVE_INFINITY])('may not be %d', (moment) => {
    expect(() => momentOf('expiry', moment)).toThrow(
      invalid('The expiry must be in whole epoch seconds and before the year 10000.'),
    );
  });
});

describe('a network', () => {
  it.each([
    '192.0.2.0/24',
    '192.0.2.1/32',
    '0.0.0.0/0',
    '10.0.0.1/8',
    '2001:db8::/32',
    '::/0',
    '::1/128',
    '::ffff:192.0.2.0/120',
  ])('may be %s, and is kept as it is', (network) => {
    expect(networkOf(network)).toBe(network);
  });

  it.each([
    '',
    '/',
    '192.0.2.0',
    '192.0.2.0/',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/1.5',
    '192.0.2.0/x',
    '192.0.2.0/24/24',
    '192.0.2/24',
    '192.0.2.256/24',
    '192.0.02.0/24',
    '192.0.2.0 /24',
    ' 192.0.2.0/24',
    '2001:db8::/129',
    '2001:db8::',
    '2001:db8::/0x20',
    'example.com/24',
    '*',
  ])('may not be %j', (network) => {
    expect(() => networkOf(network)).toThrow(invalid(`The network ${network} is not a CIDR block, as 192.0.2.0/24.`));
  });
});

describe('a duration', () => {
  it.each([
    ['1s', 1],
    ['90s', 90],
    ['2m', 120],
    ['3h', 10_800],
    ['90d', 7_776_000],
    ['2w', 1_209_600],
    ['007d', 604_800],
    ['999999999s', 999_999_999],
  ])('of %s is %i seconds', (text, seconds) => {
    expect(durationOf(text)).toBe(seconds);
  });

  it.each([
    '',
    '0d',
    '000s',
    '90',
    'd',
    '-1d',
    '+1d',
    '1.5d',
    '1e3s',
    '90 d',
    ' 90d',
    '90d ',
    '90D',
    '1y',
    '1d1h',
    '90d\n',
    '1000000000s',
    '٣d',
  ])('may not be %j', (text) => {
    expect(() => durationOf(text)).toThrow(
      invalid(`The duration ${text} must be a number and a unit (s, m, h, d, w), as 90d.`),
    );
  });
});
