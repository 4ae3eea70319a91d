import { ISSUER } from './answers.ts';

export const PAGE_URL = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod/keys';
export const PAGE_ORIGIN = new URL(PAGE_URL).origin;
export const PAGE_CLIENT = 'gatepass-keys-page';

/** What the discovery document names. */
export const ENDPOINTS = {
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
  end_session_endpoint: `${ISSUER}/logout`,
  device_authorization_endpoint: `${ISSUER}/device`,
};

/** A client's settings, as they should be. */
export const GOOD_CLIENT = {
  isKnown: true,
  /** Beside the page's own address. */
  redirectUris: /^$/,
  isStandardFlow: true,
  isPkceDemanded: true,
  isS256Taken: true,
  isPlainTaken: false,
  implicit: false,
  password: false,
  service: false,
  device: false,
  webOrigins: [PAGE_ORIGIN],
  logout: true,
};

export type PageClient = typeof GOOD_CLIENT;

/** A realm with the page's client, which answers as Keycloak 26.7.3 was seen to. */
export function servePageClient(client: PageClient = GOOD_CLIENT): typeof fetch {
  return async (input, init) => {
    const { pathname, searchParams } = new URL(String(input));
    if (pathname.endsWith('/auth')) return authorize(client, searchParams);
    if (pathname.endsWith('/logout')) return new Response('', { status: client.logout ? 302 : 400 });
    if (pathname.endsWith('/device')) return refusal(client.device ? 'invalid_request' : 'unauthorized_client');
    const grant = new URLSearchParams(String(init?.body)).get('grant_type') ?? '';
    return requestToken(client, grant, new Headers(init?.headers).get('origin'));
  };
}

function authorize(client: PageClient, query: URLSearchParams): Response {
  const to = query.get('redirect_uri') ?? '';
  if (!client.isKnown || !(to === PAGE_URL || client.redirectUris.test(to))) {
    return new Response('<html>Invalid parameter: redirect_uri</html>', { status: 400 });
  }
  const isImplicit = query.get('response_type') === 'token';
  const method = query.get('code_challenge_method');
  const back = (error: string) => {
    const location = `${to}${isImplicit ? '#' : '?'}error=${error}&state=doctor`;
    return new Response('', { status: 302, headers: { location } });
  };
  if (isImplicit ? !client.implicit : !client.isStandardFlow) return back('unauthorized_client');
  if (method === null && client.isPkceDemanded) return back('invalid_request');
  if (method === 'S256' && !client.isS256Taken) return back('invalid_request');
  if (method === 'plain' && !client.isPlainTaken) return back('invalid_request');
  return back('login_required');
}

function requestToken(client: PageClient, grant: string, origin: string | null): Response {
  if (!client.isKnown) return refusal('invalid_client', 401);
  if (grant === 'password') return refusal(client.password ? 'invalid_request' : 'unauthorized_client');
  if (grant === 'client_credentials') return refusal(client.service ? 'invalid_scope' : 'unauthorized_client', 401);
  if (origin === null) return refusal('invalid_grant');
  const isReadable = [origin, '*'].some((one) => client.webOrigins.includes(one));
  return isReadable
    ? refusal('invalid_grant', 400, { 'access-control-allow-origin': origin })
    : refusal('Invalid origin', 403);
}

function refusal(error: string, status = 400, headers = {}): Response {
  return Response.json({ error }, { status, headers });
}
