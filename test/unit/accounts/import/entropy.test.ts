import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { estimateEntropy, MIN_ENTROPY_BITS } from '../../../../src/accounts/import/entropy.ts';

describe('a key that is random enough', () => {
  it.each([
    ['24 bytes in hex', () => randomBytes(24).toString('hex')],
    ['32 bytes in hex, behind a prefix', () => `sk_${randomBytes(32).toString('hex')}`],
    ['32 bytes in capital hex', () => randomBytes(32).toString('hex').toUpperCase()],
    ['24 bytes in base64url', () => randomBytes(24).toString('base64url')],
    ['24 bytes in base64, behind a prefix', () => `key-${randomBytes(24).toString('base64')}`],
  ])('has more than is asked for: %s', (_, make) => {
    for (let times = 0; times < 50; times++) {
      expect(estimateEntropy(make())).toBeGreaterThanOrEqual(MIN_ENTROPY_BITS);
    }
  });

  it('in hex has at most four bits a character', () => {
    const key = randomBytes(32).toString('hex');
    expect(estimateEntropy(key)).toBeLessThanOrEqual(64 * 4);
    expect(estimateEntropy(key)).toBeGreaterThan(64 * 3);
  });
});

describe('a key that can be guessed', () => {
  it.each([
    ['nothing', ''],
    ['a prefix alone', 'sk_'],
    ['one character, over and over', 'a'.repeat(200)],
    ['two in turn', 'ab'.repeat(100)],
    ['seven different ones', 'abdgkpx'.repeat(30)],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['the alphabet backwards', '9876543210zyxwvutsrqponmlkjihgfedcba'],
    ['a number', '20261124081530'],
    ['words', 'correct-horse'],
    ['a common password', 'sk_P4ssw0rd!2026'],
    ['eight bytes in hex', '9f86d081884c7d65'],
  ])('has less than is asked for: %s', (_, key) => {
    expect(estimateEntropy(key)).toBeLessThan(MIN_ENTROPY_BITS);
  });

  it('does not gain by its prefix', () => {
    const body = '9f86d081884c7d65';
    expect(estimateEntropy(`averylongprefix_${body}`)).toBe(estimateEntropy(body));
    expect(estimateEntropy(`averylongprefix-${body}`)).toBe(estimateEntropy(body));
  });

  it('does not gain by repeating its last character', () => {
    const body = '9f86d081884c7d65';
    expect(estimateEntropy(body + '5'.repeat(100))).toBe(estimateEntropy(body));
  });
});
