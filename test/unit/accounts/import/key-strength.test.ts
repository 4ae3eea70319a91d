import { describe, expect, it } from 'vitest';
import { whyGuessable } from '../../../../src/accounts/import/key-strength.ts';
import { loadWords } from '../../../../src/accounts/import/words.ts';
import { fixedBytes } from '../../../support/fixed-bytes.ts';

const words = await loadWords();

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Of random keys about one in 25,000 of the shortest form is refused. */
const bytes = fixedBytes('key strength');

function base62(length: number): string {
  return [...bytes(64)]
    .flatMap((byte) => BASE62[byte & 63] ?? [])
    .join('')
    .slice(0, length);
}

/** Of each form so many that one in a thousand would be seen to be refused. */
const MANY = 4000;

describe('a random key', () => {
  it.each([
    ['12 bytes in hex', () => bytes(12).toString('hex')],
    ['16 bytes in hex', () => bytes(16).toString('hex')],
    ['16 bytes in capital hex', () => bytes(16).toString('hex').toUpperCase()],
    ['16 characters of base62', () => base62(16)],
    ['20 bytes in hex behind names', () => `sk_live_${bytes(20).toString('hex')}`],
    [
      'a UUID',
      () =>
        bytes(16)
          .toString('hex')
          .replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-a$4-'),
    ],
    ['24 bytes in base64url', () => bytes(24).toString('base64url')],
    ['24 bytes in base64 behind a name', () => `key-${bytes(24).toString('base64')}`],
  ])('is not one to be guessed: %s', (_, make) => {
    const refused = Array.from({ length: MANY }, make).flatMap((key) => whyGuessable(key, words) ?? []);
    expect(refused).toEqual([]);
  });

  it('of eight bytes is too short', () => {
    expect(whyGuessable('9f86d081884c7d65', words)).toMatch(/^about 6\d bits, and 66 are the least$/);
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
    ['keys in a row', 'qwertyuiopasdfghjklzxcvbnm'],
    ['a number', '20261124081530'],
    ['a long number of one digit', '00000000-0000-0000-0000-000000000001'],
    ['a password thrice', 'sk_passwordpasswordpassword1'],
    ['a password with digits for letters', 'sk_P4ssw0rd!2026'],
    ['two of them', 'sk_Sup3rS3cr3tP4ssw0rd'],
    ['four words', 'sk_correct-horse-battery-staple-9'],
    ['four words without anything between', 'correcthorsebatterystaple'],
    ['words and a year', 'myapplicationproductionkey2026'],
    ['a sentence', 'thequickbrownfoxjumpsoverthelazydog'],
    ['a long sentence', 'this-is-a-very-long-passphrase-nobody-would-guess'],
    ['capitals for spaces', 'TokenForTheMobileApp2025Production'],
    ['eight hex letters, repeated', 'deadbeef'.repeat(4)],
  ])('is known by its form: %s', (_, key) => {
    expect(whyGuessable(key, words)).toMatch(
      /^about \d+ bits( of words and repetitions)?, and (66|128) are the least$/,
    );
  });

  it('does not gain by names before it', () => {
    expect(whyGuessable('averylongprefix_live_letmein2026', words)).toBe(whyGuessable('letmein2026', words));
    expect(whyGuessable('MY-KEY-letmein2026', words)).toBe(whyGuessable('letmein2026', words));
  });

  it('does not become good by words behind it', () => {
    expect(whyGuessable('letmein2026passwordsecretproductionkeyforeverybody', words)).toBeDefined();
  });

  it('may be as long as a header: what comes after 256 characters is not looked at', () => {
    expect(whyGuessable('a'.repeat(1024), words)).toBe(whyGuessable('a'.repeat(256), words));
  });
});
