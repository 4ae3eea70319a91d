import type { APIGatewayProxyEvent } from 'aws-lambda';

/** A logout token has 8,192 characters at most, none of which a form has to encode. */
const MAX_BODY_BYTES = 10_000;

/**
 * Takes the logout token out of a request (OpenID Connect Back-Channel Logout 1.0, section 2.5). Other fields of the form
 * are passed over.
 *
 * @returns nothing, if it isn't a POST of a form with exactly one.
 */
export function readLogoutToken({
  httpMethod,
  headers,
  body,
  isBase64Encoded,
}: APIGatewayProxyEvent): string | undefined {
  const [, contentType = ''] = Object.entries(headers ?? {}).find(([name]) => /^content-type$/i.test(name)) ?? [];
  if (httpMethod !== 'POST' || !/^application\/x-www-form-urlencoded *(;|$)/i.test(contentType)) return undefined;
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) return undefined;
  const tokens = new URLSearchParams(bytes.toString('utf8')).getAll('logout_token');
  return tokens.length === 1 ? tokens[0] : undefined;
}
