import {
  type Allowed,
  allow,
  type BearerPrincipal,
  type Clock,
  type Denial,
  type DenialReason,
  deny,
  type Trace,
} from '../decision.ts';
import { Fault } from '../fault.ts';
import { PROFILE, readProfile } from '../profile.ts';
import type { Account } from '../table/items.ts';
import type { Store } from '../table/store.ts';
import { type Claims, checkClaims, type ExpectedClaims, endOf } from './claims.ts';
import { checkHeader, checkSignature, decompose, MAX_TOKEN_LENGTH } from './jws.ts';
import type { RealmKeys } from './realm-keys.ts';

export interface BearerAuthenticatorParts extends ExpectedClaims {
  readonly realmKeys: Pick<RealmKeys, 'find'>;
  readonly store: Pick<Store, 'findTokenState'>;
  readonly now: Clock;
  /** `all`: a token is refused too when its user's account is disabled or deleted, or when it was revoked. */
  readonly accountCheck: 'keys' | 'all';
}

export type BearerAuthenticator = (token: string, trace: Trace) => Promise<Allowed | Denial>;

/**
 * Decides a Keycloak access token by its signature and claims (RFC 7519, RFC 8725, RFC 9068 in spirit).
 *
 * The cheap checks come first, claims included, and nothing is fetched for a token that can't pass: unverified, a claim
 * can only refuse. A principal is made only of a token whose signature held. Unless accounts are checked too, a token
 * lives until its `exp`, whatever becomes of its session and its user; if they are, by what the table holds, since the
 * realm itself isn't asked. Does not enforce `scope` or roles.
 */
export function createBearerAuthenticator(parts: BearerAuthenticatorParts): BearerAuthenticator {
  const { realmKeys, store, now, accountCheck } = parts;

  return async (token, trace) => {
    if (token.length > MAX_TOKEN_LENGTH) {
      trace.tokenLength = token.length;
      return deny('token.too_large');
    }
    const jwt = decompose(token);
    if (jwt === undefined) return deny('token.malformed');

    const unfit = checkHeader(jwt.header) ?? checkClaims(jwt.claims, parts, now());
    if (unfit !== undefined) return deny(unfit);

    const kid = jwt.header.kid ?? '';
    trace.kid = loggable(kid);
    const forged = checkSignature(jwt, await realmKeys.find(kid, trace, jwt.claims.iat));
    if (forged !== undefined) return deny(forged);

    const principal = readPrincipal(jwt.claims);
    trace.userId = principal.userId;
    const cutOff = accountCheck === 'all' ? await checkState(jwt.claims, principal.userId, trace) : undefined;
    return cutOff === undefined ? allow(principal) : deny(cutOff);
  };

  /** What the table says of a token that is good by itself. */
  async function checkState({ sid, iat }: Claims, userId: string, trace: Trace): Promise<DenialReason | undefined> {
    const origin = { issuer: parts.issuer, userId, sessionId: asString(sid) };
    const { account, notBefore } = await store.findTokenState(origin, trace);
    return checkAccount(account, userId) ?? checkIssuedAfter(iat, notBefore);
  }
}

function checkAccount(account: Account | undefined, userId: string): DenialReason | undefined {
  if (account === undefined) return undefined;
  if (account.deleted === true) return 'token.account_deleted';
  if (account.userId !== userId) throw new Fault('fault.item', "The token's account belongs to another user.");
  return account.active === true ? undefined : 'token.account_disabled';
}

/** A token that doesn't say when it was issued may be older than any moment. */
function checkIssuedAfter(iat: unknown, notBefore: number | undefined): DenialReason | undefined {
  if (notBefore === undefined) return undefined;
  return typeof iat === 'number' && iat > notBefore ? undefined : 'token.revoked';
}

/** What Keycloak puts into its access tokens; a claim of another type than it gives them is left out. */
function readPrincipal(claims: Claims): BearerPrincipal {
  return {
    userId: String(claims['sub']),
    ...readProfile((name) => claimAt(claims, PROFILE[name].claim)),
    authMethod: 'bearer',
    scope: asString(claims['scope']),
    clientId: asString(claims['azp']),
    validUntil: endOf(Number(claims['exp'])),
  };
}

function claimAt(claims: Claims, path: readonly string[]): unknown {
  // Any object can be asked for a member by name.
  const member = (value: unknown, name: string) =>
    typeof value === 'object' && value !== null ? (value as Claims)[name] : undefined;
  return path.reduce<unknown>(member, claims);
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The `kid` is the caller's text until a key bears it: only what looks like one reaches the log. */
function loggable(kid: string): string | undefined {
  return /^[\w-]{1,64}$/.test(kid) ? kid : undefined;
}
