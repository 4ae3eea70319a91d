import { documentOf, type RealmFacts } from './realm-facts.ts';

/** The page of self-service, as the realm must know it. */
export interface Page {
  /** Its address as users open it. */
  readonly url: string;
  readonly clientId: string;
  readonly fetch: typeof fetch;
}

/** How the realm answers a request in the page's name. */
export interface Reply {
  readonly status: number;
  /** RFC 6749, sections 4.1.2.1 and 5.2: from where the browser is sent, or from the body. */
  readonly error: string | undefined;
  /** Where the browser is sent, without query and fragment. */
  readonly target: string | undefined;
  /** The origin whose pages may read the answer (Fetch, section 3.3.3). */
  readonly readableBy: string | undefined;
}

type Fields = Readonly<Record<string, string | undefined>>;

export interface PageFacts extends Omit<Page, 'fetch'> {
  /** Begins the page's sign-in, for a browser in which nobody is signed in. The realm is asked once. */
  signIn(): Promise<Reply>;
  /** The same with a change. */
  authorize(change: Fields): Promise<Reply>;
  /** Asks for a token. @param origin whose page asks; none: a program does. */
  requestToken(grant: Fields, origin?: string): Promise<Reply>;
  /** Begins a sign-in on another device (RFC 8628); nothing, where the realm has none. */
  authorizeDevice(): Promise<Reply> | undefined;
  signOut(): Promise<Reply>;
}

/** For each answer: a browser is more patient than the authorizer. */
const TIMEOUT_MS = 5000;

/** A verifier's hash as any other (RFC 7636, section 4.2). */
const CHALLENGE = 'gatepass-doctor-asks-this-and-never-redeems';

/**
 * Asks the realm what the page's client may do, by requests as a browser sends them: without a user, and without a right
 * in the realm. None is completed, so nothing comes of them but lines in the realm's log of events.
 *
 * @returns nothing where the realm's discovery document doesn't name what the page needs.
 */
export async function startPage(page: Page, realm: RealmFacts): Promise<PageFacts | undefined> {
  const endpoint = textsOf(realm.discovery && documentOf(await realm.discovery));
  const [authorization, token] = [endpoint('authorization_endpoint'), endpoint('token_endpoint')];
  const [endSession, device] = [endpoint('end_session_endpoint'), endpoint('device_authorization_endpoint')];
  if (authorization === undefined || token === undefined || endSession === undefined) return undefined;
  const { url, clientId, fetch } = page;
  const signal = () => AbortSignal.timeout(TIMEOUT_MS);

  const get = async (endpoint: string, fields: Fields) => {
    const target = new URL(endpoint);
    for (const [name, value] of given(fields)) target.searchParams.set(name, value);
    return replyOf(await fetch(target, { redirect: 'manual', signal: signal() }));
  };
  const post = async (endpoint: string, fields: Fields, origin?: string) => {
    const headers = origin === undefined ? {} : { origin };
    const body = new URLSearchParams(given(fields));
    return replyOf(await fetch(endpoint, { method: 'POST', headers, body, redirect: 'manual', signal: signal() }));
  };
  const authorize = (change: Fields) =>
    get(authorization, {
      ...{ client_id: clientId, redirect_uri: url, response_type: 'code', scope: 'openid', state: 'doctor' },
      // OpenID Connect Core, section 3.1.2.1: shows nothing, and is answered with what would have to be shown.
      ...{ prompt: 'none', nonce: 'doctor', code_challenge: CHALLENGE, code_challenge_method: 'S256' },
      ...change,
    });
  let signIn: Promise<Reply> | undefined;
  return {
    ...{ url, clientId },
    signIn() {
      signIn ??= authorize({});
      return signIn;
    },
    authorize,
    requestToken: (grant, origin) => post(token, { client_id: clientId, ...grant }, origin),
    authorizeDevice: () => (device === undefined ? undefined : post(device, { client_id: clientId })),
    signOut: () => get(endSession, { client_id: clientId, post_logout_redirect_uri: url }),
  };
}

function given(fields: Fields): [name: string, value: string][] {
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const location = response.headers.get('location');
  const target = location !== null && URL.canParse(location) ? new URL(location) : undefined;
  return {
    status: response.status,
    error: target === undefined ? errorIn(text) : errorOf(target),
    target: target && target.origin + target.pathname,
    readableBy: response.headers.get('access-control-allow-origin') ?? undefined,
  };
}

/** Some flows are answered in the fragment. */
function errorOf({ searchParams, hash }: URL): string | undefined {
  return searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error') ?? undefined;
}

function errorIn(text: string): string | undefined {
  try {
    return textsOf(JSON.parse(text))('error');
  } catch {
    return undefined;
  }
}

/** Reads the texts of an object that others made. */
function textsOf(value: unknown): (name: string) => string | undefined {
  const texts: ReadonlyMap<string, unknown> = new Map(Object.entries(value ?? {}));
  return (name) => {
    const text = texts.get(name);
    return typeof text === 'string' ? text : undefined;
  };
}
