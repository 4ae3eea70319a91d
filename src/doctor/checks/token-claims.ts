import {
  type Claims,
  checkAudience,
  checkClient,
  checkIssuer,
  checkSubject,
  checkType,
  checkUnbound,
} from '../../bearer/claims.ts';
import { type Check, check, type Finding, ok, problem, quote, skip } from '../check.ts';
import type { TokenFacts } from '../credential-facts.ts';
import { issuerDifference, issuerRemedy } from '../issuer-difference.ts';
import { timesCheck } from './token-times.ts';

// Each claim is judged by the authorizer's own check, whatever the others are, and the remedy is the setting of Keycloak
// that mends it, by its name in Keycloak 26's admin console. Claims are shown as values, never followed.

export const issuerCheck = check<TokenFacts>('token.iss', 'The configured realm issued it', ({ claims, config }) => {
  const { iss } = claims;
  const { issuer } = config;
  if (checkIssuer(claims, issuer) === undefined) return ok`${issuer}.`;
  if (typeof iss !== 'string') return problem`Its iss is ${quote(iss)}. → It must be ${issuer}.`;
  return problem`Its iss is ${quote(iss)}, the authorizer is told ${issuer}. They differ in
    ${issuerDifference(issuer, iss)}. → ${issuerRemedy(issuer, quote(iss).slice(1, -1))}`;
});

export const claimChecks: readonly Check<TokenFacts>[] = [
  timesCheck,
  check('token.typ', 'It is an access token', ({ claims }) => {
    if (claims['typ'] === 'DPoP') return boundToKey(claims);
    return checkType(claims) === undefined ? ok`Its typ is Bearer.` : notAccessToken(claims);
  }),
  check('token.sub', 'It names its user', ({ claims }) => {
    const sub = quote(claims['sub']);
    if (checkSubject(claims) === undefined) return ok`${sub}.`;
    const found = claims['sub'] === undefined ? 'It has no sub' : `Its sub is ${sub}`;
    if (isLightweight(claims)) return problem`${found}: it is a lightweight access token. → ${noLightweight(claims)}`;
    return problem`${found}. → ${clientPage(claims)} > Client scopes > Add client scope > basic, as Default: since Keycloak
      25 that scope writes sub. Lightweight access tokens have no sub either: ${noLightweight(claims)}`;
  }),
  check('token.aud', 'It is meant for this API', ({ claims, config: { audience } }) => {
    const aud = quote(claims['aud']);
    if (audience === 'any') return ok`${aud}; any is accepted.`;
    if (checkAudience(claims, audience) === undefined) return ok`${aud}.`;
    const origin = aud === '"account"' ? ", Keycloak's own, which comes of the user's default roles" : '';
    const found = claims['aud'] === undefined ? 'It has no aud' : `Its aud is ${aud}${origin}`;
    return problem`${found}; one of ${audience.join(', ')} is needed. → ${audienceRemedy(claims, audience)}`;
  }),
  check('token.azp', 'It was issued to an allowed client', ({ claims, config: { clients } }) => {
    const azp = quote(claims['azp']);
    if (clients === 'any') return ok`${azp}; any is accepted.`;
    if (checkClient(claims, clients) === undefined) return ok`${azp}.`;
    return problem`It was issued to the client ${azp} (azp); allowed are ${clients.join(', ')}. → Add that client to
      GATEPASS_CLIENTS, if it may call the API.`;
  }),
  check('token.cnf', 'Whoever bears it may use it', ({ claims }) => {
    const { cnf, typ } = claims;
    if (checkUnbound(claims) === undefined) return ok`It is bound to no key and no certificate.`;
    if (typ === 'DPoP') return skip`As token.typ says.`;
    const isCertificate = typeof cnf === 'object' && cnf !== null && 'x5t#S256' in cnf;
    if (!isCertificate) return boundToKey(claims);
    return problem`It is bound to a client certificate (cnf), which can not be checked here. → ${clientPage(claims)} >
      Advanced > OAuth 2.0 Mutual TLS Certificate Bound Access Tokens Enabled: off.`;
  }),
];

export function isRefreshToken({ typ }: Claims): boolean {
  return typ === 'Refresh' || typ === 'Offline';
}

const KINDS: Readonly<Record<string, string>> = {
  ID: 'an ID token, which tells an application who logged in',
  Refresh: 'a refresh token, which is for the token endpoint alone',
  Offline: 'an offline token, which is for the token endpoint alone',
};

export function notAccessToken({ typ }: Claims): Finding {
  const kind = KINDS[String(typ)];
  const found =
    kind === undefined ? `Its typ is ${quote(typ)}, where an access token has Bearer` : `It is ${kind} (typ ${typ})`;
  return problem`${found}. → Send the access token: access_token in the answer of the token endpoint.`;
}

function boundToKey(claims: Claims): Finding {
  return problem`It is bound to a key of its client (DPoP), whose proof can not be checked here. → ${clientPage(claims)} >
    Settings > Capability config > Require DPoP bound tokens: off; and the client must send no DPoP proof.`;
}

function audienceRemedy(claims: Claims, [audience]: readonly string[]): string {
  if (checkType(claims) !== undefined) return 'See token.typ first: an access token has another aud than this one.';
  const mapper =
    `${clientPage(claims)} > Client scopes > ${clientOf(claims)}-dedicated > Add mapper > By configuration > Audience, with ` +
    `Included Client Audience ${audience} (Included Custom Audience, if that is no client) and Add to access token on.`;
  return isLightweight(claims) ? `${noLightweight(claims)} Then: ${mapper}` : mapper;
}

/** What makes a token too large is mostly the roles in it. */
export function sizeRemedy(claims: Claims): string {
  const { realm_access: access } = claims;
  const roles = typeof access === 'object' && access !== null && 'roles' in access ? access.roles : undefined;
  return (
    `${Array.isArray(roles) ? `It carries ${roles.length} realm roles. ` : ''}Leave out the roles that the API does not ` +
    `need: ${clientPage(claims)} > Client scopes > ${clientOf(claims)}-dedicated > Scope > Full scope allowed: off, and ` +
    'assign the needed ones there. Or leave out mappers.'
  );
}

/** Keycloak 26 tells the kind of a token in its id: `onlt…` where a regular one has `onrt…`. */
function isLightweight({ jti }: Claims): boolean {
  return typeof jti === 'string' && /^(on|of|tr)lt[a-z]*:/.test(jti);
}

function noLightweight(claims: Claims): string {
  return `${clientPage(claims)} > Advanced > Always use lightweight access token: off.`;
}

export function clientPage(claims: Claims): string {
  return `Clients > ${clientOf(claims)}`;
}

function clientOf({ azp }: Claims): string {
  return typeof azp === 'string' ? quote(azp).slice(1, -1) : 'the client';
}
