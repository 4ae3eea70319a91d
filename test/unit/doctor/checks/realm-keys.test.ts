import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkSameKeys, checkSigningKey, readKeys } from '../../../../src/doctor/checks/realm-keys.ts';
import { makeKeyPair } from '../../../support/realm.ts';
import { answerOf, NO_ANSWER } from '../answers.ts';

const good = makeKeyPair(0, { kid: 'good' }).jwk;
const encryption = makeKeyPair(1, { kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }).jwk;

function check(...keys: readonly unknown[]) {
  const asked = answerOf({ keys });
  return checkSigningKey(asked, readKeys(asked));
}

describe('the signing keys', () => {
  it('are good with one beside the encryption key that every realm has', () => {
    const { severity, found } = check(encryption, good);
    expect(severity).toBe('ok');
    expect(found).toMatch(/^One key for RS256: "good"\.\nNot for tokens: "enc", an encryption key/);
  });

  it('are counted, as while they are rotated', () => {
    expect(check(good, { ...good, kid: 'next' }).found).toMatch(/^2 keys for RS256: "good", "next"\./);
  });

  it.each([
    ['another use', { use: 'tls' }, 'for another use ("tls")'],
    ['another type', { kty: 'EC' }, 'of another type ("EC")'],
    ['another algorithm', { alg: 'PS256' }, 'for another algorithm ("PS256")'],
    ['other operations', { key_ops: ['encrypt'] }, 'may not verify'],
    ['no modulus', { n: undefined }, 'can not be read'],
    ['no kid', { kid: undefined }, 'without a kid'],
  ])('are a problem when the only one has %s, and it is said in words', (_, change, why) => {
    const { severity, found, todo } = check({ ...good, ...change });
    expect({ severity, found }).toEqual({ severity: 'problem', found: expect.stringContaining(why) });
    expect(todo).toContain('rsa-generated');
  });

  it('are worth a warning when a short one is among them', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short', use: 'sig' };
    expect(check(good, short)).toMatchObject({
      severity: 'warning',
      found: expect.stringContaining('less than 2048 bits'),
    });
  });

  it('are a problem when the answer is no key set', () => {
    const page = answerOf('<html>');
    expect(checkSigningKey(page, readKeys(page)).severity).toBe('problem');
  });

  it('are not judged when they could not be fetched, which is said already', () => {
    const error = answerOf({ keys: [good] }, { status: 500 });
    expect(checkSigningKey(NO_ANSWER, readKeys(NO_ANSWER)).severity).toBe('skipped');
    expect(checkSigningKey(error, readKeys(error)).severity).toBe('skipped');
  });
});

describe('the keys of two addresses', () => {
  const read = (...keys: readonly unknown[]) => {
    const set = readKeys(answerOf({ keys }));
    if (set === undefined) throw new Error('no key set');
    return set;
  };

  it('are of one realm when they have one in common', () => {
    expect(checkSameKeys(read(good), read(encryption, good))).toBeUndefined();
  });

  it('are a problem when they have none in common', () => {
    expect(checkSameKeys(read(good), read(encryption))?.severity).toBe('problem');
  });

  it('are not compared when one is out of reach or empty', () => {
    expect(checkSameKeys(read(good), undefined)).toBeUndefined();
    expect(checkSameKeys(read(), read(good))).toBeUndefined();
  });
});
