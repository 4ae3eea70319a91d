import { type Denial, deny } from '../../decision.ts';
import { type KeyForms, startsLikeOurs, startsWithImportedPrefix } from '../../key-format/imported.ts';

export type Credentials =
  | { readonly kind: 'api_key'; readonly value: string }
  | { readonly kind: 'token'; readonly value: string };

const BEARER = /^bearer(?:[ \t]+|$)/i;

// RFC 7515, section 7.1: the compact serialization. Only its outline: whether it is a good token is decided later.
const COMPACT_JWS = /^[^.]*\.[^.]*\.[^.]*$/;

/**
 * Takes an `Authorization` header apart.
 *
 * With the scheme `Bearer`, in any case (RFC 9110, section 11.1), what starts like a key is a key and all else a
 * token. Without it the whole value is a key, so `Basic …` and a bare JWT are invalid keys, not tokens.
 *
 * @param authorization every value that the request holds; two different ones are a conflict, and none is chosen.
 */
export function takeCredentials(authorization: readonly string[], forms: KeyForms): Credentials | Denial {
  const [value, another] = authorization;
  if (value === undefined) return deny('credentials.missing');
  if (another !== undefined) return deny('credentials.conflict');
  if (value === '') return deny('credentials.empty');

  const bearer = BEARER.exec(value);
  if (bearer === null) return { kind: 'api_key', value };
  const presented = value.slice(bearer[0].length).trim();
  if (presented === '') return deny('credentials.empty');
  return { kind: looksLikeKey(presented, forms) ? 'api_key' : 'token', value: presented };
}

function looksLikeKey(value: string, { keyPrefix, importedPrefixes }: KeyForms): boolean {
  if (startsLikeOurs(value, keyPrefix)) return true;
  if (importedPrefixes === 'any') return !COMPACT_JWS.test(value);
  return startsWithImportedPrefix(value, importedPrefixes);
}
