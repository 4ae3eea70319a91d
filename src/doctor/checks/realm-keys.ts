import { createPublicKey } from 'node:crypto';
import { MIN_MODULUS_BITS, parseJwks, type RealmKeySet } from '../../bearer/jwks.ts';
import { check, ok, problem, quote, skip, warning } from '../check.ts';
import type { RealmFacts } from '../realm-facts.ts';
import { type Asked, documentOf } from '../realm-facts.ts';

export const signingKeyCheck = check<RealmFacts>(
  'realm.signing_key',
  'There is a key that may verify RS256 tokens',
  async ({ jwks }) => {
    const asked = await jwks;
    if ('problem' in asked || asked.status !== 200) return skip`The keys could not be fetched.`;
    const set = jwksOf(asked);
    if (set === undefined) {
      return problem`${asked.uri} did not answer a JWK Set. → Check the address:
        https://HOST/realms/REALM/protocol/openid-connect/certs.`;
    }
    const suitable = [...set].filter(([, key]) => key !== 'unsuitable').map(([kid]) => kid);
    const others = jwksIn(asked).filter(({ kid }) => !suitable.includes(String(kid)));
    const count = suitable.length === 1 ? 'One key' : `${suitable.length} keys`;
    const found = [
      `${count} for RS256: ${suitable.map(quote).join(', ') || 'none'}.`,
      ...others.map((jwk) => `Not for tokens: ${quote(jwk['kid'])}, ${whyNot(jwk)}.`),
    ].join('\n');
    if (suitable.length === 0) {
      return problem`${found} → Realm settings > Keys > Add providers > rsa-generated: algorithm RS256, key size
        ${MIN_MODULUS_BITS} or more.`;
    }
    if (others.every((jwk) => whyNot(jwk) !== TOO_SHORT)) return ok`${found}`;
    return warning`${found} → Realm settings > Keys > Providers: disable the short key, whose tokens are refused.`;
  },
);

/** The realm's keys as the authorizer reads them. Nothing, if the answer isn't a key set. */
export function jwksOf(asked: Asked): RealmKeySet | undefined {
  try {
    return parseJwks(documentOf(asked));
  } catch {
    return undefined;
  }
}

/** Whether two addresses may publish keys of one realm: if not, every token is refused. */
export function shareKeys(used: RealmKeySet, realms: RealmKeySet | undefined): boolean {
  return realms === undefined || used.size === 0 || [...used.keys()].some((kid) => realms.has(kid));
}

/** In words, why the authorizer takes the key of this `kid` for unsuitable. */
export function whyUnsuitable(kid: unknown, asked: Asked): string {
  const jwk = jwksIn(asked).find((one) => one['kid'] === kid);
  return jwk === undefined ? 'no key for RS256 signatures' : whyNot(jwk);
}

type Jwk = Readonly<Record<string, unknown>>;

function jwksIn(asked: Asked): readonly Jwk[] {
  const document = documentOf(asked);
  const keys = typeof document === 'object' && document !== null && 'keys' in document ? document.keys : undefined;
  return [keys].flat().flatMap((jwk) => (typeof jwk === 'object' && jwk !== null ? [{ ...jwk }] : []));
}

const TOO_SHORT = `an RSA key of less than ${MIN_MODULUS_BITS} bits`;

/** See src/bearer/jwks.ts. */
function whyNot({ kid, kty, use, alg, key_ops: operations, n, e }: Jwk): string {
  if (typeof kid !== 'string') return 'a key without a kid, which no token can name';
  if (use === 'enc') return 'an encryption key (use enc), as every Keycloak realm has one';
  if (use !== undefined && use !== 'sig') return `a key for another use (${quote(use)})`;
  if (kty !== 'RSA') return `a key of another type (${quote(kty)})`;
  if (alg !== undefined && alg !== 'RS256') return `a key for another algorithm (${quote(alg)})`;
  if (Array.isArray(operations) && !operations.includes('verify')) return 'a key that may not verify (key_ops)';
  try {
    const key = createPublicKey({
      key: { kty, ...(typeof n === 'string' && { n }), ...(typeof e === 'string' && { e }) },
      format: 'jwk',
    });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < MIN_MODULUS_BITS ? TOO_SHORT : 'an RSA key whose exponent is no good one';
  } catch {
    return 'an RSA key that can not be read';
  }
}
