import type { APIGatewayProxyResult } from 'aws-lambda';
import { REFUSALS, type Refusal } from './refusal.ts';

/** On every answer. Nothing is kept, framed, guessed at or told to other pages. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

export function answer(
  statusCode: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult {
  return { statusCode, headers: { ...HEADERS, 'Content-Type': contentType, ...headers }, body };
}

export function answerJson(statusCode: number, body: object): APIGatewayProxyResult {
  return answer(statusCode, 'application/json', JSON.stringify(body));
}

/** There is nothing to say: it is done. */
export function answerNothing(): APIGatewayProxyResult {
  return { statusCode: 204, headers: { ...HEADERS }, body: '' };
}

export function answerRefusal({ code, message, fields }: Refusal): APIGatewayProxyResult {
  const retry = code === 'unavailable' ? { 'Retry-After': '5' } : {};
  const body = JSON.stringify({ error: code, message, ...(fields && { fields }) });
  return answer(REFUSALS[code].status, 'application/json', body, retry);
}
