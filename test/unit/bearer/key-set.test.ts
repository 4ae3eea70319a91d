import { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isFresh,
  isUsable,
  type KeySet,
  NoUsableKeyError,
  readKeySet,
  wouldList,
} from '../../../src/bearer/key-set.ts';
import { EC_P256, RSA_2048 } from './public-keys.ts';

const FETCHED_AT = 1_795_508_130_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ORIGIN = { fetchedAt: FETCHED_AT, fetch: 1, isFromCache: false };
const SIGNING = { ...RSA_2048, kid: 'signing', use: 'sig', alg: 'RS256' };
const SET = readKeySet({ keys: [SIGNING] }, ORIGIN);

describe('a key set', () => {
  it('is read with where it comes from', () => {
    expect(SET).toMatchObject(ORIGIN);
    expect(SET.keys.get('signing')).toBeInstanceOf(KeyObject);
  });

  it.each([
    ['no key', []],
    ['an encryption key alone, as every Keycloak has one', [{ ...RSA_2048, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }]],
    ['a signing key of another algorithm', [{ ...EC_P256, kid: 'ec', use: 'sig', alg: 'ES256' }]],
    ['a signing key that can not be read', [{ ...SIGNING, n: undefined }]],
    ['a signing key of exponent 1', [{ ...SIGNING, e: 'AQ' }]],
    ['a signing key that no token can name', [{ ...SIGNING, kid: undefined }]],
  ])('is none with %s', (_, keys) => {
    expect(() => readKeySet({ keys }, ORIGIN)).toThrow(NoUsableKeyError);
  });

  it('is none when it is no JWK Set, which says nothing of the keys', () => {
    expect(() => readKeySet({ error: 'unavailable' }, ORIGIN)).toThrow(TypeError);
  });
});

describe('a key set is fresh', () => {
  it.each([
    [0, true],
    [10 * MINUTE - 1, true],
    [10 * MINUTE, false],
    [-1, false],
    [-HOUR, false],
  ])('by its age of %i ms: %s', (age, expected) => {
    expect(isFresh(SET, FETCHED_AT + age)).toBe(expected);
  });
});

describe('a key set is usable', () => {
  it.each([
    [0, true],
    [24 * HOUR - 1, true],
    [24 * HOUR, false],
    [-HOUR, true],
  ])('while the realm can not be reached, by its age of %i ms: %s', (age, expected) => {
    expect(isUsable(SET, FETCHED_AT + age, undefined)).toBe(expected);
  });

  it.each([
    [0, true],
    [15 * MINUTE - 1, true],
    [15 * MINUTE, false],
  ])('%i ms after the first answer without a usable key: %s', (since, expected) => {
    const emptySince = FETCHED_AT + HOUR;
    expect(isUsable(SET, emptySince + since, emptySince)).toBe(expected);
  });

  it.each([
    [15 * MINUTE - 1, true],
    [15 * MINUTE, false],
  ])(
    'that was kept by another, %i ms after its fetch, when the realm answers without a usable key: %s',
    (age, expected) => {
      const now = FETCHED_AT + age;
      expect(isUsable({ ...SET, fetch: 0 }, now, now)).toBe(expected);
      expect(isUsable({ ...SET, fetch: 0 }, now, undefined)).toBe(true);
    },
  );

  it('for no more than 24 hours in all', () => {
    expect(isUsable(SET, FETCHED_AT + 24 * HOUR, FETCHED_AT + 24 * HOUR - 1)).toBe(false);
  });
});

describe('a key set would list the key of a token', () => {
  const issued = (secondsBefore: number) => FETCHED_AT / 1000 - secondsBefore;
  const check = (issuedAt: number | undefined, change: Partial<KeySet> = {}, age = MINUTE) =>
    wouldList({ ...SET, ...change }, issuedAt, FETCHED_AT + age);

  it('that was issued 120 s before its fetch began, and of none that is younger', () => {
    expect(check(issued(120))).toBe(true);
    expect(check(issued(119.999))).toBe(false);
    expect(check(issued(0))).toBe(false);
    expect(check(0)).toBe(true);
  });

  it('if it is less than ten minutes old', () => {
    expect(check(issued(120), {}, 10 * MINUTE - 1)).toBe(true);
    expect(check(issued(120), {}, 10 * MINUTE)).toBe(false);
  });

  it.each([
    ['the clock was set back', () => check(issued(120), {}, -1)],
    ['a cache answered', () => check(issued(120), { isFromCache: true })],
    ['another fetched it', () => check(issued(120), { fetch: 0 })],
    ['the token does not say when it was issued', () => check(undefined)],
  ])('but not when %s', (_, would) => {
    expect(would()).toBe(false);
  });
});
