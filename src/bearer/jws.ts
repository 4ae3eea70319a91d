import { createVerify } from 'node:crypto';
import type { DenialReason } from '../decision.ts';
import { type ClaimsSet, isClaimsSet } from './claims.ts';
import { isJsonObject } from './json-object.ts';
import type { RealmKey } from './jwks.ts';

/** A signed token (RFC 7515, section 3.1: the compact serialization), taken apart. Nothing of it is verified. */
export interface Jws {
  readonly header: JwsHeader;
  readonly claims: ClaimsSet;
  /** What the signature is over, as received. */
  readonly signingInput: string;
  /** In base64url. */
  readonly signature: string;
}

interface JwsHeader {
  readonly [name: string]: unknown;
  readonly alg?: string;
  readonly kid?: string;
}

/** The longest token that is read, in characters. */
export const MAX_TOKEN_LENGTH = 8192;
// RFC 7515, section 2: base64url without padding.
const UNPADDED_COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Takes a token apart, unverified. Nothing, if it isn't one that could pass: its header and its claims are JSON objects
 * whose members have the types that they must have. Its length is the caller's to check.
 */
export function decompose(token: string): Jws | undefined {
  if (!UNPADDED_COMPACT_JWS.test(token)) return undefined;
  const headerEnd = token.indexOf('.');
  const signingInputEnd = token.lastIndexOf('.');
  const header = readHeader(token.slice(0, headerEnd));
  if (header === undefined) return undefined;
  const claims = parsePart(token.slice(headerEnd + 1, signingInputEnd));
  if (!isClaimsSet(claims)) return undefined;
  return { header, claims, signingInput: token.slice(0, signingInputEnd), signature: token.slice(signingInputEnd + 1) };
}

/** All tokens that a key of the realm signs have the same header, to the letter; a realm signs with one key or two. */
const MAX_HEADERS = 4;
const headers = new Map<string, JwsHeader>();

function readHeader(part: string): JwsHeader | undefined {
  const known = headers.get(part);
  if (known !== undefined) return known;
  const header = parsePart(part);
  if (!isHeader(header)) return undefined;
  if (headers.size >= MAX_HEADERS) headers.clear();
  // A copy, since V8 would keep the whole token for the sake of a slice of it.
  headers.set(Buffer.from(part, 'latin1').toString('latin1'), header);
  return header;
}

function isHeader(value: unknown): value is JwsHeader {
  if (!isJsonObject(value)) return false;
  const { alg, kid } = value;
  return [alg, kid].every((text) => text === undefined || typeof text === 'string');
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** RFC 8725, sections 3.1 and 3.10: the algorithm is ours to choose, and no extension is understood. */
export function checkHeader({ alg, crit, kid }: Readonly<Record<string, unknown>>): DenialReason | undefined {
  if (alg !== 'RS256') return 'token.algorithm';
  if (crit !== undefined) return 'token.critical';
  return kid ? undefined : 'token.key_id';
}

/** RFC 7518, section 3.3 (RS256), over the bytes received (RFC 7515, section 5.2). */
export function checkSignature({ signingInput, signature }: Jws, key: RealmKey | 'unknown'): DenialReason | undefined {
  if (key === 'unknown') return 'token.unknown_key';
  if (key === 'unsuitable') return 'token.unsuitable_key';
  // createVerify() takes text, where verify() takes a copy of it in bytes: a twentieth less for the whole signature.
  const verifier = createVerify('RSA-SHA256').update(signingInput, 'latin1');
  return verifier.verify(key, signature, 'base64url') ? undefined : 'token.signature';
}
