import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signingKeyCheck } from '../../../../src/doctor/checks/realm-keys.ts';
import { newRsaKey } from '../../../../src/rsa-key.ts';
import { makeKeyPair } from '../../../support/realm.ts';
import { answerOf, NO_ANSWER, realmOf } from '../answers.ts';

const good = makeKeyPair(0, { kid: 'good' }).jwk;
const encryption = makeKeyPair(1, { kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }).jwk;

const judge = async (jwks = NO_ANSWER) => signingKeyCheck.run(realmOf({ jwks }));
const check = (...keys: readonly unknown[]) => judge(answerOf({ keys }));

describe('the signing keys', () => {
  it('are good with one beside the encryption key that every realm has', async () => {
    const { severity, found } = await check(encryption, good);
    expect(severity).toBe('ok');
    expect(found).toMatch(/^One key for RS256: "good"\.\nNot for tokens: "enc", an encryption key/);
  });

  it('are counted, as while they are rotated', async () => {
    expect((await check(good, { ...good, kid: 'next' })).found).toMatch(/^2 keys for RS256: "good", "next"\./);
  });

  it.each([
    ['another use', { use: 'tls' }, 'for another use ("tls")'],
    ['another type', { kty: 'EC' }, 'of another type ("EC")'],
    ['another algorithm', { alg: 'PS256' }, 'for another algorithm ("PS256")'],
    ['other operations', { key_ops: ['encrypt'] }, 'may not verify'],
    ['no modulus', { n: undefined }, 'can not be read'],
    ['no kid', { kid: undefined }, 'without a kid'],
  ])('are a problem when the only one has %s, and it is said in words', async (_, change, why) => {
    const { severity, found, remedy } = await check({ ...good, ...change });
    expect({ severity, found }).toEqual({ severity: 'problem', found: expect.stringContaining(why) });
    expect(remedy).toContain('rsa-generated');
  });

  it('are worth a warning when a short one is among them', async () => {
    const publicKey = createPublicKey(newRsaKey(1024));
    const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short', use: 'sig' };
    expect(await check(good, short)).toMatchObject({
      severity: 'warning',
      found: expect.stringContaining('less than 2048 bits'),
    });
  });

  it('are a problem when the answer is no key set', async () => {
    expect((await judge(answerOf('<html>'))).severity).toBe('problem');
    expect((await judge(answerOf({ keys: 'none' }))).severity).toBe('problem');
  });

  it('are not judged when they could not be fetched, which is said already', async () => {
    expect((await judge(NO_ANSWER)).severity).toBe('skipped');
    expect((await judge(answerOf({ keys: [good] }, { status: 500 }))).severity).toBe('skipped');
  });
});
