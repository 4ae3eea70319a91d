import { type Claims, checkType } from '../../bearer/claims.ts';
import { MAX_TOKEN_LENGTH } from '../../bearer/jws.ts';
import type { DenialReason } from '../../decision.ts';
import { findKeyStart } from '../../key-format/format.ts';
import { problem, shown, type Verdict } from '../check.ts';
import { issuerAdvice, issuerDifferences } from '../issuer-difference.ts';

// What is wrong with a token, and the setting of Keycloak that makes it right. The names are those of Keycloak 26's
// admin console. Claims of an unverified token are shown as values, never followed.

/** What a text that is no token may be. Holds none of it. */
export function describeShape(token: string): string {
  const length = `${token.length} characters`;
  if (/\s/.test(token)) return `It has spaces or line breaks within its ${length}.`;
  const parts = token.split('.').length;
  if (parts === 5) return 'Five parts: an encrypted token (JWE), which is not read here.';
  if (parts === 1 && findKeyStart(token)?.index === 0) return 'It looks like an API key, not like a token.';
  if (parts !== 3) return `It has ${parts} parts of the three of a signed token (JWS).`;
  if (token.length > MAX_TOKEN_LENGTH)
    return `It has ${length}; the authorizer takes ${MAX_TOKEN_LENGTH}. Too many roles in it, perhaps.`;
  if (token.endsWith('.')) return 'It has no signature (alg none).';
  return 'Its three parts are not the unpadded base64url of a JSON header, JSON claims and a signature.';
}

export function otherAlgorithm({ alg }: Claims, claims: Claims): Verdict {
  if (claims['typ'] === 'Refresh' || claims['typ'] === 'Offline') return otherType(claims);
  return problem(
    `Its alg is ${shown(alg)}; only RS256 is accepted.`,
    `${clientPage(claims)} > Advanced > Fine grain OpenID Connect configuration > Access token signature algorithm: RS256. ` +
      'If it has none there, Realm settings > Tokens > Default Signature Algorithm.',
  );
}

export function criticalHeader({ crit }: Claims): Verdict {
  return problem(
    `Its header demands the extensions ${shown(crit)} (crit).`,
    'Keycloak sets none: find out who issued it.',
  );
}

export function badKey(
  reason: Extract<DenialReason, 'token.key_id' | 'token.unknown_key' | 'token.unsuitable_key'>,
  { kid }: Claims,
): Verdict {
  switch (reason) {
    case 'token.key_id':
      return problem('Its header names no key (kid).', 'Keycloak always names one: find out who issued it.');
    case 'token.unknown_key':
      return problem(
        `The realm publishes no key ${shown(kid)}.`,
        'Get a new token: the key may have been removed. If new ones fail too, the key set is of another realm ' +
          '(realm.jwks_uri), or the nodes of the cluster do not share a database.',
      );
    case 'token.unsuitable_key':
      return problem(
        `The key ${shown(kid)} may not verify RS256 (realm.signing_key says why).`,
        'Find out who issued it.',
      );
  }
}

export function badSignature(): Verdict {
  return problem(
    'The key that it names did not sign it: it was changed, cut off while copying, or forged.',
    'Get a new token, and give it whole.',
  );
}

export function otherIssuer({ iss }: Claims, issuer: string): Verdict {
  if (typeof iss !== 'string') return problem(`Its iss is ${shown(iss)}.`, `It must be ${issuer}.`);
  const differences = issuerDifferences(issuer, iss).join('; ');
  return problem(
    `Its iss is ${shown(iss)}, the authorizer is told ${issuer}. They differ in ${differences}.`,
    issuerAdvice(issuer, shown(iss).slice(1, -1)),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  ID: 'an ID token, which tells an application who logged in',
  Refresh: 'a refresh token, which is for the token endpoint alone',
  Offline: 'an offline token, which is for the token endpoint alone',
};

export function otherType({ typ }: Claims): Verdict {
  const kind = typeof typ === 'string' ? TYPES[typ] : undefined;
  return problem(
    kind === undefined ? `Its typ is ${shown(typ)}, where an access token has Bearer.` : `It is ${kind} (typ ${typ}).`,
    'Send the access token: access_token in the answer of the token endpoint.',
  );
}

export function noSubject(claims: Claims): Verdict {
  const found = claims['sub'] === undefined ? 'It has no sub' : `Its sub is ${shown(claims['sub'])}`;
  if (isLightweight(claims)) return problem(`${found}: it is a lightweight access token.`, noLightweight(claims));
  return problem(
    `${found}.`,
    `${clientPage(claims)} > Client scopes > Add client scope > basic, as Default: since Keycloak 25 that scope writes sub. ` +
      `Lightweight access tokens have no sub either: ${noLightweight(claims)}`,
  );
}

export function otherAudience(claims: Claims, allowed: readonly string[] | 'any'): Verdict {
  const { aud } = claims;
  const wanted = allowed === 'any' ? [] : allowed;
  const client = clientOf(claims);
  const mapper =
    `Clients > ${client} > Client scopes > ${client}-dedicated > Add mapper > By configuration > Audience, with Included ` +
    `Client Audience ${wanted[0]} (Included Custom Audience, if that is no client) and Add to access token on.`;
  const todo = checkType(claims)
    ? 'See token.typ first: an access token has another aud than this one.'
    : isLightweight(claims)
      ? `${noLightweight(claims)} Then: ${mapper}`
      : mapper;
  if (aud === undefined) return problem(`It has no aud; one of ${wanted.join(', ')} is needed.`, todo);
  const why = aud === 'account' ? ", Keycloak's own, which comes of the user's default roles" : '';
  return problem(`Its aud is ${shown(aud)}${why}; one of ${wanted.join(', ')} is needed.`, todo);
}

export function otherClient({ azp }: Claims, allowed: readonly string[] | 'any'): Verdict {
  const list = allowed === 'any' ? 'any' : allowed.join(', ');
  return problem(
    `It was issued to the client ${shown(azp)} (azp); allowed are ${list}.`,
    'Add that client to GATEPASS_CLIENTS, if it may call the API.',
  );
}

export function bound(claims: Claims): Verdict {
  const { cnf } = claims;
  const isCertificate = typeof cnf === 'object' && cnf !== null && 'x5t#S256' in cnf;
  return isCertificate
    ? problem(
        'It is bound to a client certificate (cnf), which can not be checked here.',
        `${clientPage(claims)} > Advanced > OAuth 2.0 Mutual TLS Certificate Bound Access Tokens Enabled: off.`,
      )
    : problem(
        'It is bound to a key of its client (cnf, DPoP), whose proof can not be checked here.',
        `${clientPage(claims)} > Settings > Capability config > Require DPoP bound tokens: off; and the client must send no DPoP proof.`,
      );
}

/** Keycloak 26 tells the kind of a token in its id: `onlt…` where a regular one has `onrt…`. */
function isLightweight({ jti }: Claims): boolean {
  return typeof jti === 'string' && /^(on|of|tr)lt[a-z]*:/.test(jti);
}

function noLightweight(claims: Claims): string {
  return `${clientPage(claims)} > Advanced > Always use lightweight access token: off.`;
}

function clientPage(claims: Claims): string {
  return `Clients > ${clientOf(claims)}`;
}

function clientOf({ azp }: Claims): string {
  return typeof azp === 'string' ? shown(azp).slice(1, -1) : 'the client';
}
