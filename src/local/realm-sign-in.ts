import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Clock } from '../decision.ts';

/** What the sign-in of a local realm works with. */
export interface SignInParts {
  /** The realm's own address, as in `iss`. */
  readonly issuer: string;
  readonly sign: (claims: object) => Promise<string>;
  /** The claims of an access token of the one user that there is, but for those of time and of the client. */
  readonly claims: object & { readonly sub: string };
  readonly clientId: string;
  /** What the access tokens of that client are for. */
  readonly audience: string;
  readonly now: Clock;
}

interface Started {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

/** A session, and the nonce that its first ID token carries. */
interface Opened {
  readonly id: string;
  readonly nonce?: string;
}

const TOKEN_SECONDS = 300;

/**
 * The least of an OpenID Connect provider that a page can sign in at, for a realm on your own machine: one user, one
 * client, one button (authorization code with PKCE, refresh, userinfo, sign-out).
 *
 * It checks what makes the page's part of the flow work, and is no protection of anything: whoever can press the button
 * is the user. Codes and sessions are gone with the process.
 *
 * @returns answers a request, or tells that it is none of its own.
 */
export function createSignIn(parts: SignInParts): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { issuer, sign, claims, clientId, audience, now } = parts;
  const base = `${new URL(issuer).pathname}/protocol/openid-connect`;
  const codes = new Map<string, Started>();
  const sessions = new Set<string>();

  const routes: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => unknown>
  > = {
    [`${new URL(issuer).pathname}/.well-known/openid-configuration`]: (_, response) => json(response, 200, discovery()),
    [`${base}/auth`]: (_, response, query) => html(response, form(query)),
    [`${base}/auth/confirm`]: confirm,
    [`${base}/token`]: exchange,
    [`${base}/userinfo`]: (request, response) => {
      const isAlive = sessions.has(sessionIn(request));
      json(response, isAlive ? 200 : 401, isAlive ? claims : { error: 'invalid_token' });
    },
    [`${base}/logout`]: (_, response, query) => {
      sessions.clear();
      redirect(response, query.get('post_logout_redirect_uri') ?? issuer, {});
    },
  };

  return (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const route = routes[url.pathname];
    if (route === undefined) return false;
    if (request.method === 'OPTIONS') response.writeHead(204, CORS).end();
    else void Promise.resolve(route(request, response, url.searchParams)).catch(() => response.writeHead(500).end());
    return true;
  };

  function discovery(): object {
    const at = (path: string) => `${issuer}/protocol/openid-connect/${path}`;
    return {
      issuer,
      authorization_endpoint: at('auth'),
      token_endpoint: at('token'),
      userinfo_endpoint: at('userinfo'),
      end_session_endpoint: at('logout'),
      jwks_uri: at('certs'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  /** The button was pressed. */
  function confirm(_: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const read = (name: string) => query.get(name) ?? '';
    if (read('client_id') !== clientId || read('code_challenge_method') !== 'S256') {
      redirect(response, read('redirect_uri'), { error: 'invalid_request', state: read('state') });
      return;
    }
    const code = randomUUID();
    codes.set(code, { challenge: read('code_challenge'), redirectUri: read('redirect_uri'), nonce: read('nonce') });
    redirect(response, read('redirect_uri'), { code, state: read('state'), iss: issuer });
  }

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const session = form.get('grant_type') === 'refresh_token' ? refreshed(form) : begun(form);
    if (session === undefined) {
      json(response, 400, { error: 'invalid_grant' });
      return;
    }
    const iat = Math.floor(now() / 1000);
    const common = { iss: issuer, iat, exp: iat + TOKEN_SECONDS, azp: clientId, sid: session.id };
    json(response, 200, {
      access_token: await sign({ ...claims, ...common, aud: audience, typ: 'Bearer', jti: randomUUID() }),
      id_token: await sign({
        ...{ sub: claims.sub, ...common, aud: clientId, typ: 'ID' },
        ...(session.nonce && { nonce: session.nonce }),
      }),
      refresh_token: session.id,
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
    });
  }

  /** RFC 7636, section 4.6: the verifier must fit the challenge, and a code works once. */
  function begun(form: URLSearchParams): Opened | undefined {
    const code = form.get('code') ?? '';
    const started = codes.get(code);
    codes.delete(code);
    const digest = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (started?.challenge !== digest || started.redirectUri !== form.get('redirect_uri')) return undefined;
    const id = randomUUID();
    sessions.add(id);
    return { id, nonce: started.nonce };
  }

  function refreshed(form: URLSearchParams): Opened | undefined {
    const id = form.get('refresh_token') ?? '';
    return sessions.has(id) ? { id } : undefined;
  }

  /** Signed by this very process: what is in it need not be checked again. */
  function sessionIn({ headers }: IncomingMessage): string {
    const [, payload = ''] = (headers.authorization ?? '').split('.');
    try {
      return String(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')).sid);
    } catch {
      return '';
    }
  }

  function form(query: URLSearchParams): string {
    const who = 'given_name' in claims ? String(claims.given_name) : claims.sub;
    const fields = [...query].map(
      ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    );
    return (
      '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>' +
      '<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
      '<main style="font:1rem/1.5 system-ui;max-width:24rem;margin:20vh auto;text-align:center"><h1>Local realm</h1>' +
      `<form action="${base}/auth/confirm">${fields.join('')}` +
      `<button style="font:inherit;padding:.5rem 1rem">Sign in as ${escapeHtml(who)}</button></form></main></html>`
    );
  }
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, accept',
};

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...CORS }).end(JSON.stringify(body));
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
}

function redirect(response: ServerResponse, to: string, query: Readonly<Record<string, string>>): void {
  const url = new URL(to);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  response.writeHead(302, { location: url.href }).end();
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
