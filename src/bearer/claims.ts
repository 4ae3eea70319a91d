import type { DenialReason } from '../decision.ts';
import { LAST_SECOND } from '../seconds.ts';
import { isJsonObject } from './json-object.ts';

/** A token's Claims Set, of whose values nothing is known yet but that they are JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** Claims whose registered members have the types that the RFCs give them. */
export interface ClaimsSet extends Claims {
  readonly iat?: number;
}

/**
 * Whether this is a JSON object whose registered claims, as far as they are there, have their types (RFC 7519, section
 * 4.1, and of RFC 8693, section 4.2, `scope`).
 */
export function isClaimsSet(value: unknown): value is ClaimsSet {
  if (!isJsonObject(value)) return false;
  const { exp, nbf, iat, iss, sub, jti, scope, aud } = value;
  return (
    [exp, nbf, iat].every((time) => time === undefined || isFiniteNumber(time)) &&
    [iss, sub, jti, scope].every((text) => text === undefined || isText(text)) &&
    (aud === undefined || isText(aud) || (Array.isArray(aud) && aud.every(isText)))
  );
}

/** How far the realm's clock and ours may be apart, in seconds. */
export const CLOCK_SKEW_SECONDS = 30;

/** What a token must say to be meant for this API. */
export interface ExpectedClaims {
  /** The realm's URL, exactly as in `iss`. */
  readonly issuer: string;
  readonly audience: readonly string[] | 'any';
  readonly clients: readonly string[] | 'any';
}

/** All that a token claims, as far as it is looked at. Before the signature has been verified, it can only refuse. */
export function checkClaims(claims: Claims, expected: ExpectedClaims, nowMs: number): DenialReason | undefined {
  return (
    checkIssuer(claims, expected.issuer) ??
    checkTimes(claims, nowMs) ??
    checkType(claims) ??
    checkSubject(claims) ??
    checkAudience(claims, expected.audience) ??
    checkClient(claims, expected.clients) ??
    checkUnbound(claims)
  );
}

/** The first moment at which a token no longer counts, in epoch seconds, whole. The policy names the same one. */
export function endOf(exp: number): number {
  return Math.min(Math.floor(exp) + CLOCK_SKEW_SECONDS, LAST_SECOND);
}

/** RFC 7519, section 4.1.1: equal to the letter. */
export function checkIssuer({ iss }: Claims, issuer: string): DenialReason | undefined {
  return iss === issuer ? undefined : 'token.issuer';
}

/** RFC 7519, sections 4.1.4 to 4.1.6. `nbf` and `iat` may be absent, `exp` may not. */
export function checkTimes({ exp, nbf, iat }: Claims, nowMs: number): DenialReason | undefined {
  if (!isFiniteNumber(exp)) return 'token.expiry_missing';
  if (nowMs >= endOf(exp) * 1000) return 'token.expired';
  const latest = nowMs / 1000 + CLOCK_SKEW_SECONDS;
  if (nbf !== undefined && !(isFiniteNumber(nbf) && nbf <= latest)) return 'token.not_yet_valid';
  if (iat !== undefined && !(isFiniteNumber(iat) && iat <= latest)) return 'token.issued_in_future';
  return undefined;
}

/**
 * Keycloak signs ID tokens with the same key and header as access tokens; only this claim tells them apart. It gives
 * access tokens that are bound to a DPoP key (RFC 9449) a type of their own.
 */
export function checkType({ typ }: Claims): DenialReason | undefined {
  if (typ === 'DPoP') return 'token.sender_constrained';
  return typ === 'Bearer' ? undefined : 'token.type';
}

/** RFC 7519, section 4.1.2. Control characters are refused, since they can't be handed on. */
export function checkSubject({ sub }: Claims): DenialReason | undefined {
  return typeof sub === 'string' && /^\P{Cc}+$/u.test(sub) ? undefined : 'token.subject';
}

/** RFC 7519, section 4.1.3. */
export function checkAudience({ aud }: Claims, allowed: readonly string[] | 'any'): DenialReason | undefined {
  if (allowed === 'any') return undefined;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.some((one) => typeof one === 'string' && allowed.includes(one)) ? undefined : 'token.audience';
}

/** The client that the token was issued to (OpenID Connect Core, section 2, `azp`). */
export function checkClient({ azp }: Claims, allowed: readonly string[] | 'any'): DenialReason | undefined {
  if (allowed === 'any') return undefined;
  return typeof azp === 'string' && allowed.includes(azp) ? undefined : 'token.client';
}

/** RFC 7800: a token bound to a key or a certificate is worth nothing without that proof, which isn't checked here. */
export function checkUnbound({ cnf }: Claims): DenialReason | undefined {
  return cnf === undefined ? undefined : 'token.sender_constrained';
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
