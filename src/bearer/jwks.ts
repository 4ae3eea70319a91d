import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isJsonObject } from './json-object.ts';

/** What a realm publishes under a `kid`: a key that may verify our tokens, or one that may not. */
export type RealmKey = KeyObject | 'unsuitable';

export type RealmKeySet = ReadonlyMap<string, RealmKey>;

export const MIN_MODULUS_BITS = 2048; // RFC 7518, section 3.3

/**
 * Reads a JWK Set (RFC 7517, section 5). Entries without a `kid` are passed over; one that can't be read or isn't for
 * RS256 signatures is kept as unsuitable, so a token that names it is refused for that reason and nothing is fetched
 * for it. Keycloak publishes an RSA-OAEP encryption key beside its signing key, in either order.
 *
 * @throws TypeError when the document isn't a JWK Set.
 */
export function parseJwks(document: unknown): RealmKeySet {
  const keys = isJsonObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(keys)) throw new TypeError('not a JWK Set: it has no array "keys"');
  const set = new Map<string, RealmKey>();
  for (const jwk of keys) {
    if (!isJsonObject(jwk) || typeof jwk['kid'] !== 'string') continue;
    const known = set.get(jwk['kid']);
    if (known === undefined || known === 'unsuitable') set.set(jwk['kid'], importSigningKey(jwk));
  }
  return set;
}

function importSigningKey(jwk: JsonWebKey): RealmKey {
  const { kty, use, alg, key_ops: operations } = jwk;
  const isForSigning = (use ?? 'sig') === 'sig' && (!Array.isArray(operations) || operations.includes('verify'));
  if (kty !== 'RSA' || !isForSigning || (alg ?? 'RS256') !== 'RS256') return 'unsuitable';
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    return modulusLength >= MIN_MODULUS_BITS && isSecureExponent(publicExponent) ? key : 'unsuitable';
  } catch {
    return 'unsuitable';
  }
}

/** With 1, any signature can be made by anyone; an even one belongs to no RSA key (RFC 8017, section 3.1). */
function isSecureExponent(exponent: bigint): boolean {
  return exponent > 1n && exponent % 2n === 1n;
}
