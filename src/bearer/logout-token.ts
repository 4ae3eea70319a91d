import type { Clock, DenialReason, Trace } from '../decision.ts';
import { type Claims, checkAudience, checkIssuer, checkSubject, checkTimes } from './claims.ts';
import { isJsonObject } from './json-object.ts';
import { checkHeader, checkSignature, decompose, MAX_TOKEN_LENGTH } from './jws.ts';
import type { RealmKeys } from './realm-keys.ts';

/** What a realm says of a logout. */
export interface Logout {
  readonly userId: string;
  /** The session that ended; absent: all of the user's. */
  readonly sessionId: string | undefined;
  /** When, in epoch seconds, whole. */
  readonly issuedAt: number;
  /** The user's offline sessions are to end too. */
  readonly revokesOffline: boolean;
}

/** Why a logout token is refused: as an access token would be, or for what only a logout token has. Stable. */
export type LogoutRefusal =
  | DenialReason
  | `logout.${'header_type' | 'type' | 'lifetime' | 'session' | 'event' | 'nonce'}`;

export interface LogoutVerifierParts {
  readonly realmKeys: Pick<RealmKeys, 'find'>;
  readonly issuer: string;
  /** The clients one of which a logout token must be for. */
  readonly clients: readonly string[];
  readonly now: Clock;
}

/** @throws Fault when the realm's keys can't be had. */
export type LogoutVerifier = (token: string, trace: Trace) => Promise<Logout | LogoutRefusal>;

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6), all that section demands but that a `jti`
 * be new: what comes of a logout is the same however often it is told.
 *
 * More is asked than there: RS256 alone, a `sub` always, and an end at most five minutes after the issue. The cheap checks
 * come first, and nothing is fetched for a token that can't pass.
 */
export function createLogoutVerifier({ realmKeys, issuer, clients, now }: LogoutVerifierParts): LogoutVerifier {
  return async (token, trace) => {
    if (token.length > MAX_TOKEN_LENGTH) return 'token.too_large';
    const jwt = decompose(token);
    if (jwt === undefined) return 'token.malformed';
    const { header, claims } = jwt;
    const unfit =
      checkHeader(header) ??
      checkHeaderType(header) ??
      checkIssuer(claims, issuer) ??
      checkTimes(claims, now()) ??
      checkLifetime(claims) ??
      checkLogoutType(claims) ??
      checkSubject(claims) ??
      checkAudience(claims, clients) ??
      checkSession(claims) ??
      checkEvents(claims);
    const forged = unfit ?? checkSignature(jwt, await realmKeys.find(header.kid ?? '', trace, claims.iat));
    return forged ?? readLogout(claims);
  };
}

/** Section 2.4 recommends the first; older realms sign logout tokens as any JWT. */
const HEADER_TYPES: readonly unknown[] = ['logout+jwt', 'JWT'];

function checkHeaderType({ typ }: Claims): LogoutRefusal | undefined {
  return HEADER_TYPES.includes(typ) ? undefined : 'logout.header_type';
}

/** Keycloak's own mark: only its logout tokens have it, so none of another kind is taken for one. */
function checkLogoutType({ typ }: Claims): LogoutRefusal | undefined {
  return typ === 'Logout' ? undefined : 'logout.type';
}

/** Section 4 recommends that a logout token end within two minutes. */
const MAX_LIFETIME_SECONDS = 300;

/** Both are finite where they are numbers: `checkTimes` has seen to that. */
function checkLifetime({ iat, exp }: Claims): LogoutRefusal | undefined {
  return typeof iat === 'number' && Number(exp) - iat <= MAX_LIFETIME_SECONDS ? undefined : 'logout.lifetime';
}

/** As long as a session's id may be, to be a part of the item's key in the table. */
const MAX_SESSION_LENGTH = 255;

function checkSession({ sid }: Claims): LogoutRefusal | undefined {
  if (sid === undefined) return undefined;
  const isGood = typeof sid === 'string' && /^\P{Cc}+$/u.test(sid) && sid.length <= MAX_SESSION_LENGTH;
  return isGood ? undefined : 'logout.session';
}

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A `nonce` is forbidden, so that no ID token can be taken for a logout token. */
function checkEvents({ events, nonce }: Claims): LogoutRefusal | undefined {
  if (nonce !== undefined) return 'logout.nonce';
  return isJsonObject(events) && isJsonObject(events[LOGOUT_EVENT]) ? undefined : 'logout.event';
}

function readLogout({ sub, sid, iat, events }: Claims): Logout {
  return {
    userId: String(sub),
    sessionId: typeof sid === 'string' ? sid : undefined,
    issuedAt: Math.floor(Number(iat)),
    revokesOffline: isJsonObject(events) && events['revoke_offline_access'] === true,
  };
}
