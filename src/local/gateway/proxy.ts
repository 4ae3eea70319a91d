import type { Invocation } from '../local-function.ts';
import type { HttpResponse } from './http.ts';

/** What a function behind a REST API gives. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * Makes the answer of what a function gave; one that failed is 502, as on API Gateway.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function answerProxy({ result }: Invocation<ProxyResult>, requestId: string): HttpResponse {
  const own = { 'x-amzn-requestid': requestId };
  if (result === undefined) {
    const headers = { 'content-type': 'application/json', ...own };
    return { status: 502, headers, body: '{"message": "Internal server error"}' };
  }
  const { statusCode, headers = {}, body, isBase64Encoded } = result;
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    status: statusCode,
    headers: { ...lowered, ...own },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}
