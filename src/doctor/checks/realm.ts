import { MAX_BYTES } from '../../bearer/fetch-jwks.ts';
import { isSecureUrl } from '../../config/secure-url.ts';
import { type Answer, type Asked, readJson } from '../ask.ts';
import { ok, problem, shown, skipped, type Verdict, warning } from '../check.ts';
import { issuerAdvice, issuerDifferences } from '../issuer-difference.ts';

/** Where the authorizer fetches the keys if it isn't told (src/config/config.ts); a slash too many is another check's. */
export function defaultJwksUri(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/protocol/openid-connect/certs`;
}

/** Where a realm describes itself (OpenID Connect Discovery 1.0, section 4). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** The parts of that description that are looked at; nothing else of it is trusted to be there. */
export interface Discovery {
  readonly issuer: unknown;
  readonly jwksUri: unknown;
  readonly algorithms: unknown;
}

export function readDiscovery(asked: Asked): Discovery | undefined {
  if ('failure' in asked || asked.status !== 200) return undefined;
  const document = readJson(asked);
  if (typeof document !== 'object' || document === null || !('issuer' in document)) return undefined;
  return {
    issuer: document.issuer,
    jwksUri: 'jwks_uri' in document ? document.jwks_uri : undefined,
    algorithms:
      'id_token_signing_alg_values_supported' in document ? document.id_token_signing_alg_values_supported : undefined,
  };
}

/** `http` is for a realm on the loopback; elsewhere anyone on the way could put keys of their own in the answer. */
export function checkHttps(urls: readonly string[]): Verdict {
  const plain = urls.filter((url) => !url.startsWith('https:'));
  if (plain.length === 0) return ok('Both by https.');
  if (plain.every(isSecureUrl)) return ok('By http, which is accepted on the loopback alone.');
  return problem(
    `Not by https: ${plain.join(', ')}.`,
    'Put Keycloak behind TLS. Tokens are only as trustworthy as the way their keys come.',
  );
}

/**
 * @param needed whether the authorizer fetches its keys from below the issuer. If they have an address of their own,
 *   the issuer is but a name, and may be out of reach.
 */
export function checkDiscovery(asked: Asked, issuer: string, needed: boolean): Verdict {
  const grade = needed ? problem : warning;
  if ('failure' in asked) return grade(`${asked.url}: ${asked.failure}.`, asked.todo);
  if (asked.status !== 200) return grade(`${asked.url} answered ${statusOf(asked)}.`, adviseStatus(asked));
  const discovery = readDiscovery(asked);
  if (discovery === undefined) {
    return grade(
      `${asked.url} answered something that is not a discovery document.`,
      'Check that the address is a realm, https://HOST/realms/REALM, and that no login page or proxy answers for it.',
    );
  }
  const actual = discovery.issuer;
  if (typeof actual !== 'string')
    return grade(`Its issuer is ${shown(actual)}.`, 'Check that a Keycloak answers there.');
  if (actual === issuer) return ok(`It answered in ${tookOf(asked)} and calls itself ${issuer}.`);
  const differences = issuerDifferences(issuer, actual).join('; ');
  return problem(
    `The realm calls itself ${actual}, the authorizer is told ${issuer}. They differ in ${differences}. ` +
      'Every token would be refused (token.issuer).',
    issuerAdvice(issuer, actual),
  );
}

export function checkAlgorithm(discovery: Discovery | undefined): Verdict {
  if (discovery === undefined) return skipped('There is no discovery document to read it in.');
  const { algorithms } = discovery;
  if (!Array.isArray(algorithms)) return skipped('The discovery document does not say which algorithms it signs with.');
  if (algorithms.includes('RS256')) return ok('The realm can sign with RS256.');
  return problem(
    `The realm signs with ${shown(algorithms.join(', '))}; only RS256 is accepted.`,
    'Realm settings > Keys > Add providers: add an rsa-generated key with the algorithm RS256.',
  );
}

/** Whether the answer is one that the authorizer could use, by its outside; what keys it holds is another question. */
export function checkJwksAnswer(asked: Asked): Verdict {
  const consequence = 'Tokens can not be checked then, and are answered with 503';
  if ('failure' in asked) return problem(`${asked.url}: ${asked.failure}. ${consequence}.`, asked.todo);
  if (asked.status !== 200) {
    return problem(`${asked.url} answered ${statusOf(asked)}. ${consequence}.`, adviseStatus(asked));
  }
  if (asked.isTooLarge) {
    const todo = 'Check that the address is the key set of a realm.';
    return problem(`${asked.url} answered more than ${MAX_BYTES / 1024} KB, which is too much. ${consequence}.`, todo);
  }
  const took = asked.receivedAt - asked.sentAt;
  const found = `${asked.url} answered ${asked.bytes} bytes in ${tookOf(asked)}`;
  const todo = 'Bring the function and Keycloak nearer together, or look at what makes Keycloak slow.';
  if (took >= GIVEN_UP_AFTER_MS) return problem(`${found}; the authorizer gives up after 1.5 s. ${consequence}.`, todo);
  if (took >= GIVEN_UP_AFTER_MS / 2) return warning(`${found}; the authorizer gives up after 1.5 s.`, todo);
  return ok(`${found}.`);
}

/** src/bearer/fetch-jwks.ts */
const GIVEN_UP_AFTER_MS = 1500;

/** A default address that is not the realm's own. Where one is configured, that is meant to differ. */
export function checkJwksAddress(used: string, discovery: Discovery | undefined): Verdict | undefined {
  const own = discovery?.jwksUri;
  if (own === undefined || own === used) return undefined;
  return warning(
    `The realm says that its keys are at ${shown(own)}; the authorizer fetches them from ${used}.`,
    `Set GATEPASS_JWKS_URI to the address that the function can reach.`,
  );
}

function statusOf({ status, headers }: Answer): string {
  const location = headers.get('location');
  return location === null ? `${status}` : `${status}, a redirect to ${location}`;
}

function adviseStatus({ status, headers, text }: Answer): string {
  const location = headers.get('location');
  if (location !== null) return 'Redirects are not followed: configure the address that it leads to.';
  // Keycloak 26 tells the two apart in its body.
  if (status === 404 && text.includes('Realm does not exist')) {
    return 'Keycloak answers, but has no realm of this name: check the last part of the address, upper and lower case too.';
  }
  if (status === 404) {
    return (
      'Check the path: Keycloak before 17, or started with --http-relative-path=/auth, has /auth before /realms; ' +
      'others have nothing there.'
    );
  }
  if (status === 401 || status === 403) return 'Let the address be read without credentials: a proxy asks for some.';
  return 'Look at the log of Keycloak, or of the proxy before it.';
}

function tookOf({ sentAt, receivedAt }: Answer): string {
  return `${receivedAt - sentAt} ms`;
}
