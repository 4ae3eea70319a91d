import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { parseJwks, type RealmKeySet } from '../../bearer/jwks.ts';
import { type Asked, readJson } from '../ask.ts';
import { ok, problem, shown, skipped, type Verdict, warning } from '../check.ts';

/** The realm's keys as the authorizer reads them, with the document they were read from. */
export interface FetchedKeys {
  readonly set: RealmKeySet;
  readonly document: unknown;
}

/** Nothing, if the answer isn't a key set. */
export function readKeys(asked: Asked): FetchedKeys | undefined {
  if ('failure' in asked || asked.status !== 200) return undefined;
  const document = readJson(asked);
  try {
    return { set: parseJwks(document), document };
  } catch {
    return undefined;
  }
}

export function checkSigningKey(asked: Asked, keys: FetchedKeys | undefined): Verdict {
  if (keys === undefined) {
    if ('failure' in asked || asked.status !== 200) return skipped('The keys could not be fetched.');
    const todo = 'Check the address: https://HOST/realms/REALM/protocol/openid-connect/certs.';
    return problem(`${asked.url} did not answer a JWK Set.`, todo);
  }
  const suitable = [...keys.set].filter(([, key]) => key !== 'unsuitable').map(([kid]) => kid);
  const unsuitable = listOf(keys.document).filter((jwk) => !suitable.includes(String(jwk['kid'])));
  const reasons = unsuitable.map((jwk) => ({ kid: jwk['kid'], why: whyUnsuitable(jwk) }));
  const others = reasons.map(({ kid, why }) => `\nNot for tokens: ${shown(kid)}, ${why}.`).join('');
  const found = `${suitable.length === 1 ? 'One key' : `${suitable.length} keys`} for RS256: ${suitable.map(shown).join(', ') || 'none'}.${others}`;
  if (suitable.length === 0) {
    return problem(
      found,
      'Realm settings > Keys > Add providers > rsa-generated: algorithm RS256, key size 2048 or more.',
    );
  }
  if (reasons.some(({ why }) => why === TOO_SHORT)) {
    return warning(found, 'Realm settings > Keys > Providers: disable the short key, whose tokens are refused.');
  }
  return ok(found);
}

/** Whether two addresses publish keys of one realm: a wrong one has every token refused. */
export function checkSameKeys(used: FetchedKeys, realms: FetchedKeys | undefined): Verdict | undefined {
  if (realms === undefined) return undefined;
  const common = [...used.set.keys()].filter((kid) => realms.set.has(kid));
  if (common.length > 0 || used.set.size === 0) return undefined;
  return problem(
    'GATEPASS_JWKS_URI publishes none of the keys that the realm itself publishes: every token would be refused.',
    'Set it to the key set of the same realm, or leave it out.',
  );
}

const TOO_SHORT = 'an RSA key of less than 2048 bits';

/** In words, why the authorizer takes a key for unsuitable (src/bearer/jwks.ts). */
function whyUnsuitable({ kid, kty, use, alg, key_ops: operations, n, e }: Jwk): string {
  if (typeof kid !== 'string') return 'a key without a kid, which no token can name';
  if (use === 'enc') return 'an encryption key (use enc), as every Keycloak realm has one';
  if (use !== undefined && use !== 'sig') return `a key for another use (${shown(use)})`;
  if (kty !== 'RSA') return `a key of another type (${shown(kty)})`;
  if (alg !== undefined && alg !== 'RS256') return `a key for another algorithm (${shown(alg)})`;
  if (Array.isArray(operations) && !operations.includes('verify')) return 'a key that may not verify (key_ops)';
  const isReadable = typeof n === 'string' && typeof e === 'string' && canBeRead({ kty, n, e });
  return isReadable ? TOO_SHORT : 'an RSA key that can not be read';
}

function canBeRead(key: JsonWebKey): boolean {
  try {
    createPublicKey({ key, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

type Jwk = Readonly<Record<string, unknown>>;

function listOf(document: unknown): readonly Jwk[] {
  const keys = typeof document === 'object' && document !== null && 'keys' in document ? document.keys : undefined;
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'object' && key !== null) : [];
}
