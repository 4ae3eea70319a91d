import { checkHeader, checkSignature, decompose, MAX_TOKEN_LENGTH } from '../../bearer/jws.ts';
import { findKeyStart } from '../../key-format/format.ts';
import { type Check, check, type Finding, ok, problem, quote, skip } from '../check.ts';
import type { TokenFacts } from '../credential-facts.ts';
import { whyUnsuitable } from './realm-keys.ts';
import { claimChecks, clientPage, isRefreshToken, issuerCheck, notAccessToken, sizeRemedy } from './token-claims.ts';
import { NOT_KEYCLOAK, oddClaims } from './token-times.ts';

export const tokenChecks: readonly Check<TokenFacts>[] = [
  check('token.decision', 'The authorizer lets the caller through', ({ decision }) => decision),
  check('token.shape', 'It has the form of a token', (facts) => {
    const length = `${facts.token.length} characters`;
    return shapeProblem(facts, length) ?? ok`A signed token of ${length} (${MAX_TOKEN_LENGTH} at most).`;
  }),
  ...[
    check<TokenFacts>('token.alg', 'It is signed as RS256, without extensions', ({ header, claims }) => {
      const reason = checkHeader(header);
      if (reason === 'token.critical') {
        return problem`Its header demands the extensions ${quote(header['crit'])} (crit). → Keycloak sets none: find out who
          issued it.`;
      }
      if (reason !== 'token.algorithm') return ok`RS256.`;
      if (isRefreshToken(claims)) return notAccessToken(claims);
      return problem`Its alg is ${quote(header['alg'])}; only RS256 is accepted. → ${clientPage(claims)} > Advanced > Fine
        grain OpenID Connect configuration > Access token signature algorithm: RS256. If it has none there, Realm settings
        > Tokens > Default Signature Algorithm.`;
    }),
    issuerCheck,
    check<TokenFacts>('token.kid', 'It names a signing key of the realm', ({ header, key, jwks }) => {
      const reason = checkHeader(header);
      const kid = quote(header['kid']);
      if (reason === 'token.key_id') {
        return problem`Its header names no key (kid). → Keycloak always names one: find out who issued it.`;
      }
      if (reason !== undefined) return UNEXAMINED;
      if (key === undefined) return NO_KEYS;
      if (key === 'unknown') {
        return problem`The realm publishes no key ${kid}. → Get a new token: the key may have been removed. If new ones fail
          too, the key set is of another realm (GATEPASS_JWKS_URI), or the nodes of the cluster do not share a database.`;
      }
      if (key !== 'unsuitable') return ok`The realm publishes ${kid}.`;
      return problem`The key ${kid} is ${whyUnsuitable(header['kid'], jwks)}. → Find out who issued it.`;
    }),
    check<TokenFacts>('token.signature', "Its signature is the realm's", ({ token, header, key }) => {
      const jwt = decompose(token);
      if (checkHeader(header) !== undefined || jwt === undefined) return UNEXAMINED;
      if (typeof key !== 'object') return key === undefined ? NO_KEYS : UNEXAMINED;
      if (checkSignature(jwt, key) === undefined) return ok`The realm's key verifies it.`;
      return problem`The key that it names did not sign it: it was changed, cut off while copying, or forged. → Get a new
        token, and give it whole.`;
    }),
    ...claimChecks,
  ].map(({ name, expected, run }) =>
    check<TokenFacts>(name, expected, (facts) => (facts.isReadable ? run(facts) : skip`The token can not be read.`)),
  ),
];

const UNEXAMINED = skip`Not examined after what is wrong above.`;
const NO_KEYS = skip`The realm's keys could not be fetched.`;

function shapeProblem({ token, header, claims }: TokenFacts, length: string): Finding | undefined {
  const parts = token.split('.').length;
  if (parts === 3 && token.length > MAX_TOKEN_LENGTH) {
    return problem`It has ${length}; the authorizer takes ${MAX_TOKEN_LENGTH}. → ${sizeRemedy(claims)}`;
  }
  if (decompose(token) !== undefined) return undefined;
  const odd = oddClaims({ ...header, ...claims });
  if (odd.length > 0) return problem`${odd.join('\n')} → ${NOT_KEYCLOAK}`;
  return problem`${whyNoToken(token, parts, length)} → Give the access token as Keycloak issued it, whole and alone.`;
}

function whyNoToken(token: string, parts: number, length: string): string {
  if (/\s/.test(token)) return `It has spaces or line breaks within its ${length}.`;
  if (parts === 5) return 'Five parts: an encrypted token (JWE), which is not read here.';
  if (parts === 1 && findKeyStart(token)?.index === 0) return 'It looks like an API key, not like a token.';
  if (parts !== 3) return `It has ${parts} parts of the three of a signed token (JWS).`;
  if (token.endsWith('.')) return 'It has no signature (alg none).';
  return 'Its three parts are not the unpadded base64url of a JSON header, JSON claims and a signature.';
}
