import type { Clock } from '../../decision.ts';
import type { Invocation } from '../local-function.ts';
import type { Api } from './api.ts';
import { type Context, createAuthorizerStep, type Verdict } from './authorizer-step.ts';
import { type EventFacts, type GatewayIdentity, httpEvent, methodArnOf, proxyEvent, restEvent } from './events.ts';
import { type ResponseType, renderGatewayResponse } from './gateway-response.ts';
import { type HttpRequest, type HttpResponse, headerValues } from './http.ts';
import { answerMock } from './integration.ts';
import type { Policy } from './policy-evaluation.ts';
import { answerProxy, type ProxyResult } from './proxy.ts';
import { findRoute, type Match } from './routing.ts';
import { forward, ResponseTooLarge } from './upstream.ts';

export interface GatewayParts {
  readonly api: Api;
  readonly kind: 'rest' | 'http';
  readonly invoke: (event: object) => Promise<Invocation>;
  readonly now: Clock;
  readonly newRequestId: () => string;
  readonly resourcePolicy?: Policy | undefined;
  /** The Lambda function of the routes that have one. */
  readonly invokeProxy?: (event: object) => Promise<Invocation<ProxyResult>>;
  /** A backend to hand allowed requests on to, instead of the template's mock integrations. */
  readonly upstream?: string | undefined;
  readonly onRequest?: (line: RequestLine) => void;
}

/** What became of a request, for the gateway's own log. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly verdict: Verdict | undefined;
  /** Why the backend could not be asked. */
  readonly failure?: string | undefined;
  readonly milliseconds: number;
}

/** What became of a request, before it is told to the log. */
interface Outcome {
  readonly response: HttpResponse;
  readonly verdict?: Verdict;
  readonly failure?: string;
}

export type Gateway = (request: HttpRequest) => Promise<HttpResponse>;

/** A request in hand: its path is without the stage from here on. */
interface Hand extends EventFacts {
  readonly match: Match;
}

/** Does with a request what API Gateway does, as far as an authorizer and its callers can tell. */
export function createGateway(parts: GatewayParts): Gateway {
  const { api, kind, invoke, invokeProxy, now, newRequestId, resourcePolicy, upstream, onRequest } = parts;
  const identity: GatewayIdentity = {
    region: 'eu-west-1',
    accountId: '123456789012',
    apiId: 'local',
    stage: kind === 'rest' ? api.stage : '$default',
  };
  const authorize = createAuthorizerStep({ invoke, now, ttlSeconds: api.ttlSeconds, resourcePolicy });
  const refuse = kind === 'rest' ? refuseRest : refuseHttp;

  return async (received) => {
    const startedAt = now();
    const request = { ...received, path: withoutStage(received.path) };
    const { response, verdict, failure } = await answer(request);
    onRequest?.({
      method: request.method,
      path: received.path,
      status: response.status,
      verdict,
      failure,
      milliseconds: now() - startedAt,
    });
    return response;
  };

  async function answer(request: HttpRequest): Promise<Outcome> {
    const requestId = newRequestId();
    const match = findRoute(api.routes, request.method, request.path, kind);
    if (match === undefined) return { response: refuse('MISSING_AUTHENTICATION_TOKEN', { request, requestId }) };
    const hand: Hand = { request, match, identity, requestId, now: now() };
    if (!match.route.isProtected) return integrate(hand, {});

    const identityValues = api.identityHeaders.map((name) => headerValues(request, name).join(',').trim());
    const verdict = await authorize({
      identityValues,
      request: { methodArn: methodArnOf(hand), sourceIp: request.sourceIp },
      event: () => (kind === 'rest' ? restEvent(hand) : httpEvent(hand, identityValues)),
    });
    if (verdict.kind === 'allowed') return { ...(await integrate(hand, verdict.context)), verdict };
    const authorizer = verdict.kind === 'denied' ? verdict.context : undefined;
    return { response: refuse(RESPONSE_TYPE[verdict.kind], { request, requestId, authorizer }), verdict };
  }

  async function handOn(to: string, { request, requestId }: Hand, authorizer: Context): Promise<Outcome> {
    try {
      return { response: await forward(to, request, authorizer) };
    } catch (error) {
      const type = error instanceof ResponseTooLarge ? 'API_CONFIGURATION_ERROR' : 'INTEGRATION_FAILURE';
      return { response: refuse(type, { request, requestId, authorizer }), failure: String(error) };
    }
  }

  async function integrate(hand: Hand, authorizer: Context): Promise<Outcome> {
    const { request, requestId, match } = hand;
    if (upstream !== undefined && match.route.isProtected) return handOn(upstream, hand, authorizer);
    const { resource, integration } = match.route;
    if (integration.type === 'aws_proxy') {
      if (invokeProxy === undefined) throw new Error(`There is no function for ${resource}.`);
      return { response: answerProxy(await invokeProxy(proxyEvent(hand, authorizer)), requestId) };
    }
    const response = answerMock(integration, { request, requestId, resource, authorizer });
    return { response: response ?? refuse('UNSUPPORTED_MEDIA_TYPE', { request, requestId, authorizer }) };
  }

  /** A REST API's address has the stage as its first segment; without it there is no such API. */
  function withoutStage(path: string): string {
    if (kind === 'http') return path;
    const prefix = `/${api.stage}`;
    return path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) || '/' : '';
  }

  function refuseRest(type: ResponseType, facts: Parameters<typeof renderGatewayResponse>[2]): HttpResponse {
    return renderGatewayResponse(api, type, facts);
  }
}

const RESPONSE_TYPE = {
  denied: 'ACCESS_DENIED',
  unauthorized: 'UNAUTHORIZED',
  failure: 'AUTHORIZER_FAILURE',
  malformed: 'AUTHORIZER_CONFIGURATION_ERROR',
} as const;

/**
 * An HTTP API's answers, which can't be changed.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
const HTTP_API_ANSWERS: Readonly<Record<ResponseType, readonly [status: number, message: string]>> = {
  UNAUTHORIZED: [401, 'Unauthorized'],
  ACCESS_DENIED: [403, 'Forbidden'],
  AUTHORIZER_FAILURE: [500, 'Internal Server Error'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'Internal Server Error'],
  MISSING_AUTHENTICATION_TOKEN: [404, 'Not Found'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported Media Type'],
  INTEGRATION_FAILURE: [503, 'Service Unavailable'],
  API_CONFIGURATION_ERROR: [500, 'Internal Server Error'],
};

function refuseHttp(type: ResponseType, { requestId }: { readonly requestId: string }): HttpResponse {
  const [status, message] = HTTP_API_ANSWERS[type];
  const headers = { 'content-type': 'application/json', 'apigw-requestid': requestId };
  return { status, headers, body: JSON.stringify({ message }) };
}
