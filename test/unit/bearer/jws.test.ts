import { createPublicKey, sign } from 'node:crypto';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { describe, expect, it, vi } from 'vitest';
import { checkSignature, decompose } from '../../../src/bearer/jws.ts';
import { newRsaKey } from '../../../src/rsa-key.ts';
import { fc } from '../../support/properties.ts';

const HEADER = { alg: 'RS256', typ: 'JWT', kid: 'k1' };
const CLAIMS = { iss: 'https://id.example.com/realms/main', sub: 'user-42', exp: 1_795_508_430, aud: ['orders-api'] };

function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

function tokenOf(header: unknown, claims: unknown, signature = 'c2ln'): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

describe('a token is taken apart', () => {
  it('into its header, its claims, what was signed, as received, and the signature', () => {
    const token = tokenOf(HEADER, CLAIMS);
    expect(decompose(token)).toStrictEqual({
      header: HEADER,
      claims: CLAIMS,
      signingInput: token.slice(0, token.lastIndexOf('.')),
      signature: 'c2ln',
    });
  });

  it('each by itself, where others had the same header', () => {
    const [one, another] = [tokenOf(HEADER, CLAIMS), tokenOf(HEADER, { ...CLAIMS, sub: 'user-43' })];
    expect([one, another, one].map((token) => decompose(token)?.claims['sub'])).toEqual([
      'user-42',
      'user-43',
      'user-42',
    ]);
  });

  it('with its own header, after any number of other headers', () => {
    for (let time = 0; time < 20; time++) {
      const header = { ...HEADER, kid: `k${time % 7}` };
      expect(decompose(tokenOf(header, CLAIMS))?.header).toEqual(header);
      expect(decompose(tokenOf({ ...HEADER, kid: time }, CLAIMS))).toBeUndefined();
    }
  });

  it('without what a member named __proto__ says', () => {
    const claims = decompose(
      tokenOf(HEADER, `{"sub":"user-42","__proto__":{"exp":1795508430,"typ":"Bearer"}}`),
    )?.claims;
    expect(claims?.['exp']).toBeUndefined();
    expect(claims?.['typ']).toBeUndefined();
    const header = decompose(tokenOf('{"__proto__":{"alg":"RS256","kid":"k1"}}', CLAIMS))?.header;
    expect(header?.alg).toBeUndefined();
    expect(header?.kid).toBeUndefined();
  });
});

describe('aws-jwt-verify, another implementation, takes apart what we do, and to the same parts', () => {
  // It lets padding stand (RFC 7515, section 2, has none), and removes members named __proto__ and constructor, so none
  // is made of those names.
  function decomposeElsewhere(token: string): object | undefined {
    if (token.includes('=')) return undefined;
    try {
      const { header, payload: claims, headerB64, payloadB64, signatureB64: signature } = decomposeUnverifiedJwt(token);
      return { header, claims, signingInput: `${headerB64}.${payloadB64}`, signature };
    } catch {
      return undefined;
    }
  }

  const name = fc.oneof(
    fc.constantFrom('alg', 'kid', 'crit', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'typ'),
    fc.string({ maxLength: 3 }),
  );
  const value = fc.oneof(
    fc.string(),
    fc.double(),
    fc.constantFrom(null, true, [], ['a'], ['a', 1], {}, { a: 1 }),
    fc.constantFrom(1_795_508_430, '1795508430'),
  );
  const part = fc
    .oneof(fc.dictionary(name, value), fc.jsonValue(), fc.string())
    .filter((json) => !/__proto__|constructor/.test(JSON.stringify(json)))
    .map(encode);

  it('be it made of JSON of any kind', () => {
    fc.assert(
      fc.property(part, part, part, (header, claims, signature) => {
        const token = `${header}.${claims}.${signature}`;
        expect(decompose(token)).toEqual(decomposeElsewhere(token));
      }),
      { numRuns: 2000 },
    );
  });

  it('be it a good token with characters changed, added or taken away', () => {
    const good = tokenOf(HEADER, CLAIMS);
    const characters = fc.constantFrom(...'AZaz09-_=.+/ \n"{é', '');
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(2), characters, (at, removed, added) => {
        const token = good.slice(0, at) + added + good.slice(at + removed);
        expect(decompose(token)).toEqual(decomposeElsewhere(token));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a signature', () => {
  const privateKey = newRsaKey();
  const key = createPublicKey(privateKey);
  const signingInput = tokenOf(HEADER, CLAIMS, '').slice(0, -1);
  const signature = sign('RSA-SHA256', Buffer.from(signingInput), privateKey).toString('base64url');
  const good = { header: HEADER, claims: CLAIMS, signingInput, signature };

  it('counts for the text that was signed, and for no other', () => {
    expect(checkSignature(good, key)).toBeUndefined();
    expect(checkSignature({ ...good, signingInput: `${signingInput}A` }, key)).toBe('token.signature');
    expect(checkSignature({ ...good, signature: signature.slice(4) }, key)).toBe('token.signature');
    expect(checkSignature({ ...good, signature: 'A' }, key)).toBe('token.signature');
  });

  it('is verified without a copy of what was signed, which would cost a twentieth more', () => {
    const copy = vi.spyOn(Buffer, 'from');
    try {
      expect(checkSignature(good, key)).toBeUndefined();
      expect(copy).not.toHaveBeenCalledWith(signingInput, expect.anything());
    } finally {
      copy.mockRestore();
    }
  });
});
