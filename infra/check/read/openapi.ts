import type { Api, Authorizer, GatewayResponse, GatewayResponses, Method } from '../api.ts';

/** An OpenAPI document with API Gateway's extensions, version 2.0 or 3.0: the parts that are read, each maybe absent. */
export interface OpenApi {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly securitySchemes?: SecuritySchemes };
  readonly securityDefinitions?: SecuritySchemes;
  readonly 'x-amazon-apigateway-gateway-responses'?: Readonly<Record<string, WrittenGatewayResponse>>;
  readonly 'x-amazon-apigateway-cors'?: {
    readonly allowOrigins?: readonly string[];
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
  };
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses?: Readonly<Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>>;
  readonly 'x-amazon-apigateway-integration'?: {
    readonly type?: string;
    readonly responses?: {
      readonly default?: { readonly statusCode?: string; readonly responseParameters?: Record<string, string> };
    };
  };
}

type SecuritySchemes = Readonly<Record<string, { readonly 'x-amazon-apigateway-authorizer'?: WrittenAuthorizer }>>;

interface WrittenAuthorizer {
  readonly type?: string;
  readonly authorizerUri?: string;
  readonly identitySource?: string | readonly string[];
  readonly authorizerResultTtlInSeconds?: number | string;
  readonly authorizerPayloadFormatVersion?: string;
  readonly enableSimpleResponses?: boolean;
}

export interface WrittenGatewayResponse {
  readonly statusCode?: number | string;
  readonly responseParameters?: Readonly<Record<string, string>>;
  readonly responseTemplates?: Readonly<Record<string, string>>;
}

const ANY = 'x-amazon-apigateway-any-method';
const VERBS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', ANY];
export const PREFLIGHT_HEADER = 'method.response.header.';

/** What a document says of an API, which is all but its ARN, its permissions and its deployment. */
export function readOpenApi(document: OpenApi): Pick<Api, 'methods' | 'authorizers' | 'gatewayResponses' | 'cors'> {
  const schemes = document.components?.securitySchemes ?? document.securityDefinitions ?? {};
  return {
    methods: Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([verb]) => VERBS.includes(verb))
        .map(([verb, operation]) => readMethod(path, verb, operation)),
    ),
    authorizers: Object.entries(schemes).flatMap(([name, { 'x-amazon-apigateway-authorizer': authorizer }]) =>
      authorizer === undefined ? [] : [readAuthorizer(name, authorizer)],
    ),
    gatewayResponses: readGatewayResponses(document['x-amazon-apigateway-gateway-responses'] ?? {}),
    cors: readCors(document['x-amazon-apigateway-cors'] ?? {}),
  };
}

export function readGatewayResponses(written: Readonly<Record<string, WrittenGatewayResponse>>): GatewayResponses {
  return Object.fromEntries(Object.entries(written).map(([type, response]) => [type, readGatewayResponse(response)]));
}

export function readGatewayResponse(written: WrittenGatewayResponse): GatewayResponse {
  const { statusCode, responseParameters = {}, responseTemplates = {} } = written;
  return {
    status: statusCode === undefined ? undefined : String(statusCode),
    headers: responseParameters,
    templates: responseTemplates,
  };
}

export function readIdentitySources(written: string | readonly string[] = []): readonly string[] {
  return typeof written === 'string' ? written.split(',').map((source) => source.trim()) : written;
}

function readMethod(path: string, verb: string, operation: Operation): Method {
  const names = (operation.security ?? []).flatMap(Object.keys).filter((name) => name !== 'NONE');
  return {
    path,
    verb: verb === ANY ? 'ANY' : verb.toUpperCase(),
    authorizer: names.length === 0 ? undefined : names.join(', '),
    preflight: readMockHeaders(operation),
  };
}

/** What a mock answers with, as far as the method declares it: API Gateway drops the rest. */
function readMockHeaders(operation: Operation): Record<string, string> {
  const { type = '', responses } = operation['x-amazon-apigateway-integration'] ?? {};
  if (type.toLowerCase() !== 'mock') return {};
  const { statusCode = '', responseParameters = {} } = responses?.default ?? {};
  const declared = Object.keys(operation.responses?.[statusCode]?.headers ?? {}).map((name) => name.toLowerCase());
  const headers = Object.entries(responseParameters).map(([name, value]) => [
    name.replace(PREFLIGHT_HEADER, '').toLowerCase(),
    unquote(value),
  ]);
  return Object.fromEntries(headers.filter(([name = '']) => declared.includes(name)));
}

/** A fixed value stands in single quotes. */
export function unquote(value: string): string {
  return value.replace(/^'(.*)'$/, '$1');
}

function readAuthorizer(name: string, written: WrittenAuthorizer): Authorizer {
  const ttl = written.authorizerResultTtlInSeconds;
  return {
    name,
    type: (written.type ?? '').toUpperCase(),
    uri: written.authorizerUri ?? '',
    identitySources: readIdentitySources(written.identitySource),
    ttl: ttl === undefined ? undefined : Number(ttl),
    payloadVersion: written.authorizerPayloadFormatVersion,
    simpleResponses: written.enableSimpleResponses ?? false,
  };
}

/** An HTTP API's own CORS configuration, as the headers that it answers preflights with. */
function readCors(written: NonNullable<OpenApi['x-amazon-apigateway-cors']>): Record<string, string> {
  const { allowOrigins, allowMethods, allowHeaders } = written;
  const lists = { origin: allowOrigins, methods: allowMethods, headers: allowHeaders };
  const given = Object.entries(lists).filter(([, values]) => values !== undefined);
  return Object.fromEntries(given.map(([what, values = []]) => [`access-control-allow-${what}`, values.join()]));
}
