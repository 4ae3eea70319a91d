import { isSecureUrl } from '../../config/secure-url.ts';
import { type Check, check, type Finding, ok, problem, quote, skip, warning } from '../check.ts';
import { issuerDifference, issuerRemedy } from '../issuer-difference.ts';
import { type Answer, type Asked, documentOf, type RealmFacts } from '../realm-facts.ts';
import { jwksOf, shareKeys, signingKeyCheck } from './realm-keys.ts';

export const realmChecks: readonly Check<RealmFacts>[] = [
  check('realm.https', 'The realm and its keys are asked over TLS', ({ issuer, jwksUri }) => {
    const plain = [issuer ?? jwksUri, jwksUri].filter((url) => !url.startsWith('https:'));
    if (plain.length === 0) return ok`Both by https.`;
    if (plain.every(isSecureUrl)) return ok`By http, which is accepted on the loopback alone.`;
    return problem`Not by https: ${[...new Set(plain)].join(', ')}. → Put Keycloak behind TLS. Tokens are only as
      trustworthy as the way their keys come.`;
  }),
  check('realm.discovery', 'The realm calls itself by the configured issuer, to the letter', async (realm) => {
    const { issuer, isJwksUriGiven } = realm;
    if (issuer === undefined || realm.discovery === undefined) return skip`No issuer is given (--issuer).`;
    const asked = await realm.discovery;
    const actual = discoveryOf(asked)?.['issuer'];
    if (actual === issuer) return ok`It answered in ${durationOf(asked)} ms and calls itself ${issuer}.`;
    if (typeof actual === 'string') {
      return problem`The realm calls itself ${actual}, the authorizer is told ${issuer}. They differ in
        ${issuerDifference(issuer, actual)}. Every token would be refused (token.issuer).
        → ${issuerRemedy(issuer, actual)}`;
    }
    // Where the keys have an address of their own, the authorizer never asks the issuer's, which may be out of reach.
    return { ...(failureOf(asked) ?? noDiscovery(asked, actual)), severity: isJwksUriGiven ? 'warning' : 'problem' };
  }),
  check('realm.algorithm', 'The realm signs with RS256', async ({ discovery }) => {
    if (discovery === undefined) return skip`No issuer is given (--issuer).`;
    const document = discoveryOf(await discovery);
    if (document === undefined) return skip`There is no discovery document to read it in.`;
    const algorithms = document['id_token_signing_alg_values_supported'];
    if (!Array.isArray(algorithms)) return skip`The discovery document does not say which algorithms it signs with.`;
    if (algorithms.includes('RS256')) return ok`The realm can sign with RS256.`;
    return problem`The realm signs with ${quote(algorithms.join(', '))}; only RS256 is accepted. → Realm settings > Keys >
      Add providers: add an rsa-generated key with the algorithm RS256.`;
  }),
  check('realm.jwks_uri', 'Its keys can be fetched from where the authorizer fetches them', async (realm) => {
    const { jwksUri, isJwksUriGiven, discovery } = realm;
    const fetched = judgeFetch(await realm.jwks, realm.timeoutMs);
    const keys = jwksOf(await realm.jwks);
    const own = discovery && discoveryOf(await discovery)?.['jwks_uri'];
    if (fetched.severity === 'problem' || keys === undefined || own === undefined || own === jwksUri) return fetched;
    if (!isJwksUriGiven) {
      return warning`The realm says that its keys are at ${quote(own)}; the authorizer fetches them from ${jwksUri}.
        → Set GATEPASS_JWKS_URI to the address that the function can reach.`;
    }
    if (typeof own !== 'string' || shareKeys(keys, jwksOf(await realm.ask(own)))) return fetched;
    return problem`GATEPASS_JWKS_URI publishes none of the keys that the realm itself publishes: every token would be
      refused. → Set it to the key set of the same realm, or leave it out.`;
  }),
  signingKeyCheck,
];

function discoveryOf(asked: Asked): Readonly<Record<string, unknown>> | undefined {
  const document = documentOf(asked);
  return typeof document === 'object' && document !== null && 'issuer' in document ? { ...document } : undefined;
}

function noDiscovery({ uri }: Asked, issuer: unknown): Finding {
  if (issuer !== undefined) return problem`Its issuer is ${quote(issuer)}. → Check that a Keycloak answers there.`;
  return problem`${uri} answered something that is not a discovery document. → Check that the address is a realm,
    https://HOST/realms/REALM, and that no login page or proxy answers for it.`;
}

/** Whether the authorizer could use an answer, by its outside; what keys it holds is another check's to say. */
export function judgeFetch(asked: Asked, timeoutMs: number): Finding {
  const consequence = 'Tokens can not be checked then, and are answered with 503.';
  const failure = failureOf(asked);
  if (failure !== undefined) return { ...failure, found: `${failure.found} ${consequence}` };
  const tookMs = durationOf(asked);
  const bytes = 'problem' in asked ? 0 : Buffer.byteLength(asked.body);
  const found = `${asked.uri} answered ${bytes} bytes in ${tookMs} ms`;
  if (tookMs < timeoutMs / 2) return ok`${found}.`;
  const limit = `the authorizer gives up after ${timeoutMs} ms.`;
  const remedy = 'Set GATEPASS_JWKS_TIMEOUT_MS higher, look at what makes Keycloak slow, or bring the function nearer.';
  return tookMs < timeoutMs
    ? warning`${found}; ${limit} → ${remedy}`
    : problem`${found}; ${limit} ${consequence} → ${remedy}`;
}

/** Why an answer is of no use, by its outside; nothing if it may be of some. */
function failureOf(asked: Asked): Finding | undefined {
  if ('problem' in asked) return asked.problem;
  const { uri, status, headers } = asked;
  if (status === 200) return undefined;
  const redirect = headers.location === undefined ? '' : `, a redirect to ${headers.location}`;
  return problem`${uri} answered ${status}${redirect}. → ${statusRemedy(asked)}`;
}

function statusRemedy({ status, headers, body }: Answer): string {
  if (headers.location !== undefined) return 'Redirects are not followed: configure the address that it leads to.';
  if (status === 401 || status === 403) return 'Let the address be read without credentials: a proxy asks for some.';
  if (status !== 404) return 'Look at the log of Keycloak, or of the proxy before it.';
  // Keycloak 26 tells the two apart in its body.
  return body.includes('Realm does not exist')
    ? 'Keycloak answers, but has no realm of this name: check the last part of the address, upper and lower case too.'
    : 'Check the path: Keycloak before 17, or started with --http-relative-path=/auth, has /auth before /realms; others have nothing there.';
}

function durationOf(asked: Asked): number {
  return 'problem' in asked ? 0 : asked.answeredAt - asked.sentAt;
}
