import type { HttpRequest, HttpResponse } from './http.ts';

/** Headers that belong to one connection (RFC 9110, section 7.6.1), or that the new request has of its own. */
const NOT_FORWARDED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|expect)$/i;

/**
 * Hands a request on to a backend of the user's own, as an HTTP proxy integration does that maps each value of the
 * caller's context to a header `X-Gatepass-<Key>`. What the client sends under those names is dropped.
 */
export async function forward(
  upstream: string,
  request: HttpRequest,
  authorizer: Readonly<Record<string, string>>,
): Promise<HttpResponse> {
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (!NOT_FORWARDED.test(name) && !/^x-gatepass-/i.test(name)) headers.append(name, value);
  }
  headers.set('x-forwarded-for', request.sourceIp);
  for (const [name, value] of Object.entries(authorizer)) headers.set(headerName(name), asBytes(value));
  const hasBody = request.body.length > 0 && !/^(GET|HEAD)$/.test(request.method);
  const response = await fetch(upstream.replace(/\/$/, '') + request.path + (request.query && `?${request.query}`), {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(hasBody && { body: new Uint8Array(request.body) }),
  });
  const answered = [...response.headers].filter(
    ([name]) => !/^(content-encoding|transfer-encoding|connection)$/.test(name),
  );
  const cookies = response.headers.getSetCookie();
  return {
    status: response.status,
    // Of all headers, this one can't be joined by commas.
    headers: { ...Object.fromEntries(answered), ...(cookies.length > 0 && { 'set-cookie': cookies }) },
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** `apiKeyId` becomes `X-Gatepass-Api-Key-Id`. */
function headerName(key: string): string {
  return `x-gatepass-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A header's bytes are UTF-8; the name of `fetch` for a byte is the character of that number. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
