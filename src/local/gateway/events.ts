import type { HttpRequest } from './http.ts';
import type { Match } from './routing.ts';

/** What a gateway is called on AWS. Ours has made-up names. */
export interface GatewayIdentity {
  readonly region: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
}

export interface EventFacts {
  readonly request: HttpRequest;
  readonly match: Match;
  readonly identity: GatewayIdentity;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What a policy is judged by: the stage, the method and the path as it was sent. */
export function methodArnOf({ request, identity: { region, accountId, apiId, stage } }: EventFacts): string {
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${request.method}${request.path}`;
}

/**
 * The event of a REST API. Header names are as sent; of repeated ones `headers` has the last and `multiValueHeaders`
 * all.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export function restEvent(facts: EventFacts): object {
  return { type: 'REQUEST', methodArn: methodArnOf(facts), ...requestFacts(facts) };
}

/**
 * The event of a REST API for a Lambda function behind it, with what the authorizer gave.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function proxyEvent(facts: EventFacts, authorizer: Readonly<Record<string, string>>): object {
  const { requestContext, ...request } = requestFacts(facts);
  const { body } = facts.request;
  return {
    ...request,
    body: body.length === 0 ? null : body.toString('utf8'),
    isBase64Encoded: false,
    requestContext: { ...requestContext, ...(Object.keys(authorizer).length > 0 && { authorizer }) },
  };
}

function requestFacts({ request, match, identity, requestId, now }: EventFacts) {
  const query = new URLSearchParams(request.query);
  return {
    resource: match.route.resource,
    path: request.path,
    httpMethod: request.method,
    headers: Object.fromEntries(request.headers),
    multiValueHeaders: group(request.headers),
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: group([...query]),
    pathParameters: match.pathParameters,
    stageVariables: {},
    requestContext: {
      resourcePath: match.route.resource,
      httpMethod: request.method,
      path: `/${identity.stage}${request.path}`,
      accountId: identity.accountId,
      protocol: 'HTTP/1.1',
      stage: identity.stage,
      requestTimeEpoch: now,
      requestId,
      identity: { sourceIp: request.sourceIp, userAgent: lastOf(request, 'user-agent') },
      apiId: identity.apiId,
    },
  };
}

/**
 * The event of an HTTP API, payload 2.0: header names in lower case, repeated ones joined by commas.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function httpEvent(facts: EventFacts, identityValues: readonly string[]): object {
  const { request, match, identity, requestId, now } = facts;
  const lowered = group(request.headers.map(([name, value]) => [name.toLowerCase(), value] as const));
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: methodArnOf(facts),
    identitySource: identityValues.length === 0 ? null : identityValues,
    routeKey: `${match.route.method} ${match.route.resource}`,
    rawPath: request.path,
    rawQueryString: request.query,
    headers: Object.fromEntries(Object.entries(lowered).map(([name, values]) => [name, values.join(',')])),
    pathParameters: match.pathParameters,
    requestContext: {
      accountId: identity.accountId,
      apiId: identity.apiId,
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: lastOf(request, 'user-agent'),
      },
      requestId,
      routeKey: `${match.route.method} ${match.route.resource}`,
      stage: identity.stage,
      timeEpoch: now,
    },
  };
}

function group(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const grouped = new Map<string, string[]>(); // a name may be `constructor`
  for (const [name, value] of pairs) grouped.set(name, [...(grouped.get(name) ?? []), value]);
  return Object.fromEntries(grouped);
}

function lastOf({ headers }: HttpRequest, name: string): string | undefined {
  return headers.findLast(([one]) => one.toLowerCase() === name)?.[1];
}
