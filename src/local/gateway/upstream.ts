import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { HttpRequest, HttpResponse } from './http.ts';

/** API Gateway's limit for a response that isn't streamed. */
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** The upstream's answer is larger than API Gateway hands on. */
export class ResponseTooLarge extends Error {}

/** Headers that belong to one connection (RFC 9110, section 7.6.1), or that the new request has of its own. */
const NOT_FORWARDED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|expect|x-forwarded-for)$/i;

/**
 * Hands a request on to a backend of the user's own, as an HTTP proxy integration does that maps each value of the
 * caller's context to a header `X-Gatepass-<Key>`. What the client sends under those names is dropped.
 *
 * Each request has a connection of its own, since one that is kept may have ended when it is used again.
 *
 * @throws ResponseTooLarge, or what failed between here and the upstream.
 */
export function forward(
  upstream: string,
  request: HttpRequest,
  authorizer: Readonly<Record<string, string>>,
): Promise<HttpResponse> {
  const base = new URL(upstream);
  const own = Object.entries(authorizer).map(([name, value]) => [headerName(name), asBytes(value)] as const);
  const clients = request.headers.filter(([name]) => !NOT_FORWARDED.test(name) && !/^x-gatepass-/i.test(name));
  const headers = [['Host', base.host], ...clients, ['X-Forwarded-For', request.sourceIp], ...own];
  if (request.body.length > 0) headers.push(['Content-Length', String(request.body.length)]);
  const options = {
    method: request.method,
    hostname: base.hostname.replace(/^\[|\]$/g, ''), // of an IPv6 address
    port: base.port,
    path: base.pathname.replace(/\/$/, '') + request.path + (request.query && `?${request.query}`),
    headers: headers.flat(),
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const send = base.protocol === 'https:' ? requestHttps : requestHttp;
    const onward = send(options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_RESPONSE_BYTES) response.destroy(new ResponseTooLarge('The answer is larger than 10 MB.'));
      });
      response.on('end', () => {
        const answered = Object.entries(response.headers).filter(([name]) => !NOT_FORWARDED_BACK.test(name));
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 502, headers: Object.fromEntries(answered) as Headers, body });
      });
    });
    onward.on('error', reject).end(request.body);
  });
}

// What is left out by the filter are the absent ones.
type Headers = Record<string, string | string[]>;

const NOT_FORWARDED_BACK = /^(connection|keep-alive|proxy-.*|trailer|transfer-encoding|upgrade)$/;

/** `apiKeyId` becomes `X-Gatepass-Api-Key-Id`. */
function headerName(key: string): string {
  return `X-Gatepass-${key.replace(/^.|[A-Z]/g, (letter, at) => (at === 0 ? '' : '-') + letter.toUpperCase())}`;
}

/** UTF-8 as Node wants a header's bytes: each a character of its number. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
