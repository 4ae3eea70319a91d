import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { arnOf, type GatewayEvent } from './events.ts';
import { type JudgedRequest, judge } from './policy-evaluator.ts';

/** What a caller sees of a request that is judged by a result, be it the request's own or a cached one. */
export type Seen =
  | { readonly status: 200 }
  | { readonly status: 401; readonly error: string; readonly message: string };

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Stands for a REST API whose gateway response `ACCESS_DENIED` reads the two values of the context, and which has a
 * resource policy that allows: it lets a request through unless the authorizer's policy denies it explicitly.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function see({ policyDocument, context }: APIGatewayAuthorizerResult, request: JudgedRequest): Seen {
  if (judge(policyDocument, request) !== 'explicit deny') return { status: 200 };
  return { status: 401, error: String(context?.['denyError']), message: String(context?.['denyMessage']) };
}

/** The request that an event tells of, with another method, path, moment or address where given. */
export function requestOf(
  event: GatewayEvent,
  now: number,
  { method = 'GET', path = '/api/v1/whoami', sourceIp = '192.0.2.10' } = {},
): JudgedRequest {
  return { arn: arnOf(event, method, path), now, sourceIp };
}
