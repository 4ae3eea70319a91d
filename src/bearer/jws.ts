import { verify } from 'node:crypto';
import { type DecomposedJwt, decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { DenialReason } from '../decision.ts';
import type { Claims } from './claims.ts';
import type { RealmKey } from './jwks.ts';

/** The longest token that is read, in characters. */
export const MAX_TOKEN_LENGTH = 8192;
// RFC 7515, section 2: base64url without padding.
const UNPADDED_COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Takes a token apart, unverified. Nothing, if it isn't one that could pass. Its length is the caller's to check. */
export function decompose(token: string): DecomposedJwt | undefined {
  if (!UNPADDED_COMPACT_JWS.test(token)) return undefined;
  try {
    return decomposeUnverifiedJwt(token);
  } catch {
    return undefined;
  }
}

/** RFC 8725, sections 3.1 and 3.10: the algorithm is ours to choose, and no extension is understood. */
export function checkHeader({ alg, crit, kid }: Claims): DenialReason | undefined {
  if (alg !== 'RS256') return 'token.algorithm';
  if (crit !== undefined) return 'token.critical';
  return kid ? undefined : 'token.key_id';
}

/** RFC 7518, section 3.3 (RS256), over the bytes received (RFC 7515, section 5.2). */
export function checkSignature(jwt: DecomposedJwt, key: RealmKey | 'unknown'): DenialReason | undefined {
  if (key === 'unknown') return 'token.unknown_key';
  if (key === 'unsuitable') return 'token.unsuitable_key';
  const signed = Buffer.from(`${jwt.headerB64}.${jwt.payloadB64}`, 'latin1');
  const signature = Buffer.from(jwt.signatureB64, 'base64url');
  return verify('RSA-SHA256', signed, key, signature) ? undefined : 'token.signature';
}
