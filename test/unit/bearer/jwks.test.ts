import { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseJwks } from '../../../src/bearer/jwks.ts';
import { EC_P256, OCT, OKP_ED25519, RSA_2048 as RSA } from './public-keys.ts';

const SIGNING = { ...RSA, kid: 'signing', use: 'sig', alg: 'RS256' };

function modulus(change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(RSA.n, 'base64url')).toString('base64url');
}

function withLeadingByte(value: number): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.concat([Buffer.of(value), bytes.subarray(1)]);
}

/** What a realm's set makes of one entry, under the kid `k`. */
function keyOf(entry: object) {
  return parseJwks({ keys: [{ ...entry, kid: 'k' }] }).get('k');
}

function modulusOf(key: unknown): unknown {
  return key instanceof KeyObject ? key.export({ format: 'jwk' }).n : key;
}

describe("a realm's key", () => {
  it.each([
    ['with nothing but its numbers', {}],
    ['for signatures', { use: 'sig' }],
    ['for RS256', { alg: 'RS256' }],
    ['to verify with', { key_ops: ['verify'] }],
    ['to sign and verify with', { key_ops: ['sign', 'verify'] }],
    ['as Keycloak publishes it', { use: 'sig', alg: 'RS256', x5c: ['MIIC'], x5t: 'a', 'x5t#S256': 'b' }],
  ])('verifies tokens when it is RSA, of 2048 bits and %s', (_, attributes) => {
    const key = keyOf({ ...RSA, ...attributes });
    expect(key).toBeInstanceOf(KeyObject);
    expect(key).toMatchObject({ type: 'public', asymmetricKeyType: 'rsa' });
    expect(modulusOf(key)).toBe(RSA.n);
  });

  it.each([
    ['EC', EC_P256],
    ['OKP', OKP_ED25519],
    ['oct', OCT],
    ['of no type', { ...RSA, kty: undefined }],
    ['of a type in another case', { ...RSA, kty: 'rsa' }],
    ['an RSA key that calls itself EC', { ...RSA, kty: 'EC' }],
    ['for encryption', { ...RSA, use: 'enc', alg: 'RSA-OAEP' }],
    ['for encryption, without an algorithm', { ...RSA, use: 'enc' }],
    ['for a use of its own', { ...RSA, use: 'tls' }],
    ['for PS256', { ...RSA, use: 'sig', alg: 'PS256' }],
    ['for RS384', { ...RSA, alg: 'RS384' }],
    ['for RS512', { ...RSA, alg: 'RS512' }],
    ['for RSA-OAEP without a use', { ...RSA, alg: 'RSA-OAEP' }],
    ['for no algorithm', { ...RSA, alg: '' }],
    ['for HS256, which would make it a secret', { ...RSA, alg: 'HS256' }],
    ['to sign with only', { ...RSA, key_ops: ['sign'] }],
    ['to encrypt with', { ...RSA, key_ops: ['encrypt', 'wrapKey'] }],
    ['for no operation', { ...RSA, key_ops: [] }],
    ['without a modulus', { ...RSA, n: undefined }],
    ['without an exponent', { ...RSA, e: undefined }],
    ['with a modulus that is not text', { ...RSA, n: 5 }],
  ])('is unsuitable when it is %s', (_, entry) => {
    expect(keyOf(entry)).toBe('unsuitable');
  });

  it.each([
    ['0', 'AA', 'unsuitable'],
    ['1, with which anyone can sign', 'AQ', 'unsuitable'],
    ['1 padded with zeros', 'AAAB', 'unsuitable'],
    ['2', 'Ag', 'unsuitable'],
    ['3', 'Aw', 'suitable'],
    ['65536', 'AQAA', 'unsuitable'],
    ['65537, as everywhere', 'AQAB', 'suitable'],
  ])('of exponent %s is %s', (_, e, expected) => {
    const key = keyOf({ ...RSA, e });
    expect(key instanceof KeyObject ? 'suitable' : key).toBe(expected);
  });

  it.each([
    ['1024 bits', 'unsuitable', (bytes: Buffer) => bytes.subarray(128)],
    ['2040 bits', 'unsuitable', (bytes: Buffer) => Buffer.concat([Buffer.of(0x80), bytes.subarray(2)])],
    ['2047 bits', 'unsuitable', withLeadingByte(0x7f)],
    ['2048 bits', 'suitable', withLeadingByte(0x80)],
    ['2049 bits', 'suitable', (bytes: Buffer) => Buffer.concat([Buffer.of(0x01), bytes])],
    [
      '2047 bits padded with a zero',
      'unsuitable',
      (bytes: Buffer) => Buffer.concat([Buffer.of(0, 0x7f), bytes.subarray(1)]),
    ],
  ])('of %s is %s', (_, expected, change) => {
    const key = keyOf({ ...RSA, n: modulus(change) });
    expect(key instanceof KeyObject ? 'suitable' : key).toBe(expected);
  });
});

describe('a key set', () => {
  const ENCRYPTION = { ...RSA, n: modulus(withLeadingByte(0xd3)), kid: 'encryption', use: 'enc', alg: 'RSA-OAEP' };

  it.each([
    ['after', [ENCRYPTION, SIGNING]],
    ['before', [SIGNING, ENCRYPTION]],
  ])('of Keycloak is read whether its signing key comes %s its encryption key', (_, keys) => {
    const set = parseJwks({ keys });
    expect([...set.keys()].sort()).toStrictEqual(['encryption', 'signing']);
    expect(modulusOf(set.get('signing'))).toBe(RSA.n);
    expect(set.get('encryption')).toBe('unsuitable');
  });

  it('in the middle of a rotation gives each signing key by its own kid', () => {
    const next = { ...SIGNING, kid: 'next', n: modulus(withLeadingByte(0xd3)) };
    const set = parseJwks({ keys: [next, SIGNING] });
    expect(modulusOf(set.get('signing'))).toBe(RSA.n);
    expect(modulusOf(set.get('next'))).toBe(next.n);
  });

  it('knows no kid that it does not hold', () => {
    const set = parseJwks({ keys: [SIGNING] });
    for (const kid of ['', 'Signing', 'sign', '__proto__', 'constructor', 'toString']) {
      expect(set.get(kid)).toBeUndefined();
    }
  });

  it.each([
    [
      'an encryption key first',
      [
        { ...ENCRYPTION, kid: 'k' },
        { ...SIGNING, kid: 'k' },
      ],
    ],
    [
      'an encryption key last',
      [
        { ...SIGNING, kid: 'k' },
        { ...ENCRYPTION, kid: 'k' },
      ],
    ],
    [
      'a key of another algorithm first',
      [
        { ...RSA, alg: 'PS256', kid: 'k' },
        { ...SIGNING, kid: 'k' },
      ],
    ],
  ])('in which a kid stands twice gives the signing key, with %s', (_, keys) => {
    expect(modulusOf(parseJwks({ keys }).get('k'))).toBe(RSA.n);
  });

  it('in which two signing keys share a kid gives the first', () => {
    const second = { ...SIGNING, n: modulus(withLeadingByte(0xd3)) };
    expect(modulusOf(parseJwks({ keys: [SIGNING, second] }).get('signing'))).toBe(RSA.n);
  });

  it('is read past entries that are no keys', () => {
    const garbage = [null, undefined, 5, 'x', [], [SIGNING], {}, { kid: 5 }, { ...RSA, kid: null }, RSA];
    const set = parseJwks({ keys: [...garbage, SIGNING, ...garbage] });
    expect([...set.keys()]).toStrictEqual(['signing']);
    expect(modulusOf(set.get('signing'))).toBe(RSA.n);
  });

  it('may be empty', () => {
    expect(parseJwks({ keys: [] }).size).toBe(0);
  });

  it.each([
    undefined,
    null,
    'keys',
    5,
    [],
    [SIGNING],
    {},
    { keys: null },
    { keys: {} },
    { keys: 'x' },
    { keys: { 0: SIGNING, length: 1 } },
    { Keys: [SIGNING] },
    SIGNING,
    { error: 'Realm does not exist' },
  ])('is not made of %j', (document) => {
    expect(() => parseJwks(document)).toThrow(new TypeError('not a JWK Set: it has no array "keys"'));
  });
});
