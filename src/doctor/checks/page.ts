import { readConnectionError } from '../../connection-error.ts';
import { type Check, check, type Finding, ok, problem, quote, skip, warning } from '../check.ts';
import type { PageFacts, Reply } from '../page-facts.ts';

const FOREIGN_ORIGIN = 'https://gatepass-doctor.invalid';

/** What the client of the self-service page may do, and what it may not. */
export const pageChecks: readonly Check<PageFacts | undefined>[] = [
  pageCheck('page.client', "The page's client is known, and needs no secret", async (page) => {
    const { clientId } = page;
    const { status, error } = await page.requestToken({
      ...{ grant_type: 'authorization_code', code: 'none', redirect_uri: page.url, code_verifier: 'none' },
    });
    if (error === 'invalid_grant') return ok`${clientId} is a public client.`;
    if (status === 401) {
      return problem`The realm knows no such client, or wants a secret of it. → Clients > ${clientId} > Settings: Client
        ID to the letter, Enabled on, Client authentication off.`;
    }
    return problem`The realm answered ${status} (${quote(error)}). → Look at the realm's log of events.`;
  }),
  pageCheck('page.redirect_uri', "It signs in at the page's address, and at no other", async (page) => {
    const { clientId, url } = page;
    if (!comesBack(await page.signIn(), url)) {
      return problem`The realm does not send users back to ${url}. → Clients > ${clientId} > Settings > Valid redirect
        URIs: ${url}, exactly; Standard flow on.`;
    }
    const others = [FOREIGN_ORIGIN, `${new URL(url).origin}/other`, `${url}/other`];
    const replies = await Promise.all(others.map((other) => page.authorize({ redirect_uri: other })));
    const open = others.filter((other, index) => replies[index]?.target?.startsWith(other));
    if (open.length === 0) return ok`Only ${url} is accepted of those that were tried.`;
    const remedy = `Clients > ${clientId} > Settings > Valid redirect URIs: ${url} alone, without *.`;
    if (open.includes(FOREIGN_ORIGIN)) {
      return problem`Users are sent to any address, with the code that stands for their session. → ${remedy}`;
    }
    return warning`Users are sent to ${open.join(' and ')} too. → ${remedy}`;
  }),
  pageCheck('page.pkce', 'A sign-in without PKCE by S256 is refused', async (page) => {
    const remedy = `Clients > ${page.clientId} > Advanced > Proof Key for Code Exchange Code Challenge Method: S256.`;
    const [own, without, plain] = await Promise.all([
      page.signIn(),
      page.authorize({ code_challenge: undefined, code_challenge_method: undefined }),
      page.authorize({ code_challenge_method: 'plain' }),
    ]);
    if (!comesBack(own, page.url)) return NO_SIGN_IN;
    if (!isAccepted(own, page.url)) return problem`A sign-in by S256 is refused (${quote(own.error)}). → ${remedy}`;
    const open = [
      ...(isAccepted(without, page.url) ? ['without PKCE'] : []),
      ...(isAccepted(plain, page.url) ? ['with PKCE by plain'] : []),
    ];
    if (open.length === 0) return ok`It is refused without, and by plain.`;
    return problem`A sign-in ${open.join(' and one ')} is accepted. → ${remedy}`;
  }),
  signInCheck('page.flows', 'It has no other way to a token', async (page) => {
    const [implicit, password, service, device] = await Promise.all([
      page.authorize({ response_type: 'token' }),
      page.requestToken({ grant_type: 'password' }),
      page.requestToken({ grant_type: 'client_credentials' }),
      page.authorizeDevice(),
    ]);
    const open = [
      ...(isAccepted(implicit, page.url) ? ['Implicit flow'] : []),
      ...(isRefused(password) ? [] : ['Direct access grants']),
      ...(isRefused(service) ? [] : ['Service accounts roles']),
      ...(device === undefined || isRefused(device) ? [] : ['OAuth 2.0 Device Authorization Grant']),
    ];
    if (open.length === 0) return ok`Implicit flow, passwords, service account and devices are refused.`;
    return problem`On: ${open.join(', ')}. → Clients > ${page.clientId} > Settings > Capability config: Standard flow alone.`;
  }),
  signInCheck('page.web_origins', "The page may read the realm's answers, and no other page may", async (page) => {
    const { origin } = new URL(page.url);
    const refresh = { grant_type: 'refresh_token', refresh_token: 'none' };
    const [own, foreign] = await Promise.all([
      page.requestToken(refresh, origin),
      page.requestToken(refresh, FOREIGN_ORIGIN),
    ]);
    const remedy = `Clients > ${page.clientId} > Settings > Web origins: ${origin} alone.`;
    if (own.readableBy !== origin && own.readableBy !== '*') {
      return problem`The page may not read the realm's answers, so nobody can sign in. → ${remedy}`;
    }
    if (foreign.readableBy === undefined) return ok`${origin}, and no other that was tried.`;
    return warning`Pages of any origin may read them. → ${remedy}`;
  }),
  signInCheck('page.sign_out', "It signs out, and comes back to the page's address", async (page) => {
    const { status } = await page.signOut();
    if (status < 400) return ok`It may come back to ${page.url}.`;
    return problem`The realm answered ${status}: users see its error when they sign out. → Clients > ${page.clientId} >
      Settings > Valid post logout redirect URIs: ${page.url}, or + for those of the sign-in.`;
  }),
];

type Run = (page: PageFacts) => Promise<Finding>;

function pageCheck(name: string, expected: string, run: Run): Check<PageFacts | undefined> {
  return check(name, expected, async (page) => {
    if (page === undefined) return skip`There is no discovery document that names the realm's endpoints.`;
    try {
      return await run(page);
    } catch (error) {
      const { found, remedy } = readConnectionError(error);
      return problem`${found}. → ${remedy}`;
    }
  });
}

const NO_SIGN_IN = skip`The page can not sign in at all: see page.redirect_uri and page.pkce.`;

/** Only where the page can sign in do refusals tell something. */
function signInCheck(name: string, expected: string, run: Run): Check<PageFacts | undefined> {
  return pageCheck(name, expected, async (page) =>
    isAccepted(await page.signIn(), page.url) ? run(page) : NO_SIGN_IN,
  );
}

/** The browser is sent to the page, by a client that has this flow. */
function comesBack({ target, error }: Reply, url: string): boolean {
  return target === url && error !== 'unauthorized_client';
}

/** The user would have been asked something (OpenID Connect Core, section 3.1.2.6). */
function isAccepted(reply: Reply, url: string): boolean {
  return reply.target === url && (reply.error === undefined || reply.error.endsWith('_required'));
}

/** The client may not do this, whatever else is wrong with the request (RFC 6749, section 5.2). */
function isRefused({ error }: Reply): boolean {
  return error === 'unauthorized_client' || error === 'unsupported_grant_type';
}
