import * as oauth from 'oauth4webapi';
import { createSession, type Session, SessionEnded, type Tokens } from './session.ts';
import { words } from './words.ts';

/** How this page signs in: written into its HTML by the function that serves it. */
export interface PageConfig {
  /** The page's own path, without a slash at its end: what it loads and calls is below it. */
  readonly base: string;
  /** The realm's URL, as in `iss`. */
  readonly issuer: string;
  /** The public client of this page. */
  readonly clientId: string;
  /** What the `curl` line beside a new key calls. */
  readonly exampleUrl: string;
}

interface Realm {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
}

/** What lies in the tab's storage from leaving for the realm to coming back, and at no other time. Never a key. */
interface Journey {
  readonly verifier?: string;
  readonly state?: string;
  readonly nonce?: string;
  /** The fields of a form that was not sent. */
  readonly draft?: Draft | undefined;
  readonly signedOut?: boolean;
}

export type Draft = Readonly<Record<string, string>>;

const STORAGE_KEY = 'gatepass';
const SCOPE = 'openid profile email';

/** A user who has signed in. */
export interface SignedIn extends Pick<Session, 'accessToken'> {
  /** What was typed before they had to sign in again. */
  readonly draft: Draft | undefined;
  /** Goes to the realm and comes back with what was typed. */
  signInAgain(draft: Draft | undefined): Promise<never>;
  signOut(): Promise<never>;
}

/** Why nobody is signed in, in words if it went wrong, and how somebody can be. */
export interface SignedOut {
  readonly why: string | undefined;
  signIn(): Promise<never>;
}

/**
 * Begins the page: comes back from the realm, or leaves for it. A sign-in that failed is told, and not tried again by
 * itself, since the realm would send the user back and forth.
 *
 * @throws when the realm can't be reached.
 */
export async function arrive(config: PageConfig): Promise<SignedIn | SignedOut> {
  const { draft, signedOut, ...journey } = takeJourney();
  const returned = takeAnswer(config);
  const realm = await discoverRealm(config);
  const signInAgain = (unsent: Draft | undefined) => leaveToSignIn(config, realm, unsent);
  const signIn = () => signInAgain(draft);
  if (returned !== undefined) {
    try {
      const tokens = await finishSignIn(config, realm, returned, journey);
      const { accessToken, idToken } = createSession(tokens, (one) => refresh(config, realm, one), Date.now);
      return { accessToken, draft, signInAgain, signOut: () => leaveToSignOut(config, realm, idToken()) };
    } catch (error) {
      return { why: messageOf(error), signIn };
    }
  }
  return signedOut === true ? { why: undefined, signIn } : signIn();
}

/** The realm tells why it refused in words, or by a code at least (RFC 6749, section 4.1.2.1). */
export function messageOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError) return error.error_description ?? error.error;
  return error instanceof Error ? error.message : String(error);
}

/** A page of the loopback, as at `npm start`, may use a realm there by plain http. */
function options(issuer: string): { [oauth.allowInsecureRequests]: boolean } {
  const { protocol, hostname } = new URL(issuer);
  return { [oauth.allowInsecureRequests]: protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+)$/.test(hostname) };
}

async function discoverRealm({ issuer, clientId }: PageConfig): Promise<Realm> {
  const response = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oidc', ...options(issuer) });
  return {
    server: await oauth.processDiscoveryResponse(new URL(issuer), response),
    client: { client_id: clientId },
  };
}

/** Takes what an earlier page of this tab left, so that nothing stays in storage. */
function takeJourney(): Journey {
  const text = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  // This page wrote it, in this tab.
  return text === null ? {} : (JSON.parse(text) as Journey);
}

/** Leaves for the realm's sign-in (authorization code with PKCE, RFC 7636, with `state` and `nonce`). */
async function leaveToSignIn(config: PageConfig, { server, client }: Realm, draft: Draft | undefined): Promise<never> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(endpoint(server.authorization_endpoint, 'authorization_endpoint'));
  const parameters = {
    client_id: client.client_id,
    redirect_uri: pageAddress(config),
    response_type: 'code',
    scope: SCOPE,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  keepJourney({ verifier, state, nonce, draft });
  return leaveFor(url);
}

/** Takes the realm's answer, if it has sent the user back here with one, out of the page's address. */
function takeAnswer(config: PageConfig): URL | undefined {
  const url = new URL(location.href);
  const query = url.searchParams;
  if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined;
  history.replaceState(null, '', pageAddress(config));
  return url;
}

/**
 * Exchanges the code that the realm sent the user back with. It has left the address by now, and the journey the tab's
 * storage.
 *
 * @throws when the realm refused, or the answer is not to this tab's question.
 */
async function finishSignIn(
  config: PageConfig,
  { server, client }: Realm,
  returned: URL,
  journey: Journey,
): Promise<Tokens> {
  const { verifier, state, nonce } = journey;
  if (verifier === undefined || state === undefined || nonce === undefined) throw new Error(words.notAsked);
  const query = oauth.validateAuthResponse(server, client, returned, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    query,
    pageAddress(config),
    verifier,
    options(config.issuer),
  );
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return tokensOf(answer, undefined);
}

/** @throws SessionEnded when the realm refuses; anything else when it gives no answer that tells. */
async function refresh(config: PageConfig, { server, client }: Realm, tokens: Tokens): Promise<Tokens> {
  if (tokens.refreshToken === undefined) throw new SessionEnded();
  const { refreshToken } = tokens;
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.None(),
    refreshToken,
    options(config.issuer),
  );
  try {
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response), tokens);
  } catch (error) {
    throw error instanceof oauth.ResponseBodyError ? new SessionEnded() : error;
  }
}

/** Leaves for the realm's sign-out (OpenID Connect RP-Initiated Logout 1.0, section 2). */
function leaveToSignOut(config: PageConfig, { server, client }: Realm, idToken: string): Promise<never> {
  const url = new URL(endpoint(server.end_session_endpoint, 'end_session_endpoint'));
  url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('client_id', client.client_id);
  url.searchParams.set('post_logout_redirect_uri', pageAddress(config));
  keepJourney({ signedOut: true });
  return leaveFor(url);
}

function tokensOf(answer: oauth.TokenEndpointResponse, before: Tokens | undefined): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? before?.refreshToken,
    idToken: answer.id_token ?? before?.idToken ?? '',
    expiresAt: Date.now() + (answer.expires_in ?? 60) * 1000,
  };
}

function keepJourney(journey: Journey): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(journey));
}

/** The page by the one address that is the client's redirect URI. */
function pageAddress({ base }: PageConfig): string {
  return location.origin + base;
}

/** Never comes back: what runs here is over once the browser has the other page. */
function leaveFor(url: URL): Promise<never> {
  location.assign(url);
  return new Promise(() => undefined);
}

function endpoint(url: string | undefined, name: string): string {
  if (url === undefined) throw new Error(`The realm's discovery document has no ${name}.`);
  return url;
}
