import { describe, expect, it } from 'vitest';
import { hashApiKey, hashesEqual } from '../../../src/key-format/hash.ts';

const HASH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('the hash of a key', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', HASH],
    ['Zoë', 'c6a12698582fc1104ea24107a2d7268145ff06ef859707729d01fd060897f067'],
  ])('of %j is its SHA-256 as UTF-8, in lower-case hex', (key, hash) => {
    expect(hashApiKey(key)).toBe(hash);
  });
});

describe('two hashes', () => {
  it('are equal when they are the same, in either case of letters', () => {
    expect(hashesEqual(HASH, HASH)).toBe(true);
    expect(hashesEqual(HASH, HASH.toUpperCase())).toBe(true);
  });

  it('are not equal when they differ in one digit, wherever it is', () => {
    for (let index = 0; index < HASH.length; index++) {
      const other = HASH.slice(0, index) + (HASH[index] === '0' ? '1' : '0') + HASH.slice(index + 1);
      expect(hashesEqual(HASH, other)).toBe(false);
    }
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['shorter', HASH.slice(0, -2)],
    ['longer', `${HASH}00`],
    ['not hex', 'z'.repeat(64)],
    ['hex only at its start', `${HASH.slice(0, 62)}zz`],
  ])('are not equal when the stored one is %s, and nothing is thrown', (_, stored) => {
    expect(hashesEqual(HASH, stored)).toBe(false);
  });

  it('are not equal when neither holds anything', () => {
    expect(hashesEqual('', '')).toBe(false);
    expect(hashesEqual('zz', 'zz')).toBe(false);
  });
});
