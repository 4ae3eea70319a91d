import { Fault } from '../../fault.ts';

/** A request to the protected API, whichever kind of API and payload version told of it. */
export interface AuthorizerRequest {
  /** `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>`, as in the event. */
  readonly stageArn: string;
  /** The HTTP method, upper case, or `$connect` on a WebSocket API. */
  readonly method: string;
  /** Every `Authorization` value sent, as sent, repetitions left out. */
  readonly authorization: readonly string[];
  /** The IAM condition key that holds the caller's address on this kind of API. */
  readonly sourceIpKey: 'aws:SourceIp' | 'aws:VpcSourceIp';
  readonly sourceIp: string | undefined;
  readonly requestId: string | undefined;
}

type Json = { readonly [name: string]: unknown };

/**
 * Reads a REQUEST authorizer event: REST, HTTP API (payload 1.0 and 2.0) or WebSocket `$connect`.
 *
 * The method and the stage are taken from the ARN, because that is what API Gateway judges the policy by.
 * Reads no body, path, query string, cookie or `X-Api-Key`: none of them carries our credentials.
 *
 * @throws Fault `fault.event` for anything else, saying how to attach the function.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function readRequest(event: unknown): AuthorizerRequest {
  assertRequestEvent(event);
  const isPayload2 = event['version'] === '2.0';
  const { stageArn, method } = parseMethodArn(isPayload2 ? event['routeArn'] : event['methodArn']);
  const authorization = isPayload2 ? readJoinedHeader(event) : readHeader(event);
  assertCachedByAuthorization(event['identitySource'], authorization);
  const context = asObject(event['requestContext']);
  const caller = asObject(isPayload2 ? context['http'] : context['identity']);
  return {
    stageArn,
    method,
    authorization,
    // Only requests through a VPC endpoint have one, and only they have aws:VpcSourceIp.
    sourceIpKey: typeof caller['vpceId'] === 'string' ? 'aws:VpcSourceIp' : 'aws:SourceIp',
    sourceIp: asString(caller['sourceIp']),
    requestId: asString(context['requestId']),
  };
}

function assertRequestEvent(event: unknown): asserts event is Json {
  const type = asObject(event)['type'];
  if (type === 'TOKEN') {
    throw new Fault(
      'fault.event',
      'This is a TOKEN authorizer event, but Gatepass is a REQUEST authorizer: attach it with ' +
        'FunctionPayloadType: REQUEST (SAM), type: request (OpenAPI) or Type: REQUEST (CloudFormation).',
    );
  }
  if (type !== 'REQUEST') {
    throw new Fault(
      'fault.event',
      'This is not an API Gateway REQUEST authorizer event (its "type" is not "REQUEST"): attach the function ' +
        "to an API as a Lambda authorizer of type REQUEST, not as a route's integration.",
    );
  }
}

// Five colons, then two slashes: what follows is the caller's path, which may hold either. API Gateway's own ARN of the
// root ends with a slash. Emulators leave it out, and have words where the account is (serverless-offline 14.8).
const METHOD_ARN =
  /^(arn:aws[a-z-]*:execute-api:[a-z0-9-]+:[\w-]*:[A-Za-z0-9-]+\/[^/:*?\s]+)\/(?:([A-Za-z-]+)(?:\/|$)|(\$connect)$)/;

function parseMethodArn(arn: unknown): { stageArn: string; method: string } {
  const [, stageArn, verb, connect] = METHOD_ARN.exec(asString(arn) ?? '') ?? [];
  const method = connect ?? verb?.toUpperCase();
  if (stageArn === undefined || method === undefined) {
    throw new Fault(
      'fault.event',
      'The event has no usable methodArn (routeArn in payload 2.0): expected ' +
        'arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>.',
    );
  }
  return { stageArn, method };
}

/**
 * An HTTP API says by which values it will cache the result. If `Authorization` isn't one of them, the result of one
 * caller would be used for others. Without values (none, an empty list, null) it caches nothing.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
function assertCachedByAuthorization(identitySource: unknown, authorization: readonly string[]): void {
  if (identitySource === undefined) return;
  const sources = [identitySource].flat().map((source) => withoutSpaces(asString(source) ?? ''));
  const named = sources.filter((source) => source !== '').map((source) => `,${source},`);
  if (named.length === 0) return;
  // Commas join repeated headers, and in payload 1.0 the values of several sources as well.
  const isNamed = (value: string) => named.some((source) => source.includes(`,${withoutSpaces(value)},`));
  if (authorization.length > 0 && authorization.every(isNamed)) return;
  throw new Fault(
    'fault.event',
    "The authorizer's identity sources do not include the Authorization header, so a cached result would be used for " +
      'other callers: make $request.header.Authorization an identity source, or remove all identity sources.',
  );
}

/** Header names come in any case (REST passes them on as sent), and `headers` holds one value of several. */
function readHeader(event: Json): readonly string[] {
  const values = [
    ...matching(event['multiValueHeaders']).flatMap((value) => (Array.isArray(value) ? value : [])),
    ...matching(event['headers']),
  ];
  return distinct(values);
}

/** Payload 2.0 has no multiValueHeaders: repeated headers arrive joined by commas. */
function readJoinedHeader(event: Json): readonly string[] {
  return distinct(matching(event['headers']).flatMap((value) => asString(value)?.split(',') ?? []));
}

/** A list without the white space around its entries. */
function withoutSpaces(list: string): string {
  return list.replaceAll(/\s*(^|,|$)\s*/g, '$1');
}

function matching(headers: unknown): unknown[] {
  const all = asObject(headers);
  return Object.keys(all)
    .filter((name) => name.toLowerCase() === 'authorization')
    .map((name) => all[name]);
}

function distinct(values: readonly unknown[]): readonly string[] {
  const texts = values.filter((value) => typeof value === 'string').map((value) => value.trim());
  // Without a Set, which would hash every token.
  return texts.filter((text, index) => texts.indexOf(text) === index);
}

function asObject(value: unknown): Json {
  // Not an array and not null, so its properties can be read by name.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
