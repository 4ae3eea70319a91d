import type { Api } from './api.ts';
import { type HttpRequest, type HttpResponse, headerValues } from './http.ts';

/** What API Gateway answers by itself, with its own status and texts. */
export const RESPONSE_TYPES = {
  UNAUTHORIZED: { status: 401, message: 'Unauthorized', errorType: 'UnauthorizedException' },
  ACCESS_DENIED: {
    status: 403,
    message: 'User is not authorized to access this resource',
    errorType: 'AccessDeniedException',
  },
  AUTHORIZER_FAILURE: { status: 500, message: null, errorType: 'AuthorizerFailureException' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, message: null, errorType: 'AuthorizerConfigurationException' },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: 'Missing Authentication Token',
    errorType: 'MissingAuthenticationTokenException',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'Unsupported Media Type',
    errorType: 'UnsupportedMediaTypeException',
  },
  INTEGRATION_FAILURE: {
    status: 504,
    message: 'Network error communicating with endpoint',
    errorType: 'InternalServerErrorException',
  },
  API_CONFIGURATION_ERROR: {
    status: 500,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
} as const;

export type ResponseType = keyof typeof RESPONSE_TYPES;

export interface ResponseFacts {
  readonly request: HttpRequest;
  readonly requestId: string;
  /** The authorizer's context, when there is one. */
  readonly authorizer?: Readonly<Record<string, string>> | undefined;
}

/**
 * Answers as the API's gateway responses say, falling back on `DEFAULT_4XX` and `DEFAULT_5XX`.
 *
 * Templates know variables and nothing else, and insert them raw; one without a value is empty here, of which AWS's
 * documents say nothing. Header values are static in single quotes, or name a part of the request or the context.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function renderGatewayResponse(api: Api, type: ResponseType, facts: ResponseFacts): HttpResponse {
  const known = {
    ...RESPONSE_TYPES[type],
    ...(type === 'MISSING_AUTHENTICATION_TOKEN' && misreadHeader(facts.request)),
  };
  const own = api.gatewayResponses[type];
  const fallback = api.gatewayResponses[known.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
  const { responseParameters = {}, responseTemplates = {} } = own ?? fallback ?? {};
  const template = responseTemplates['application/json'] ?? '{"message":$context.error.messageString}';
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amzn-requestid': facts.requestId,
    'x-amzn-errortype': known.errorType,
  };
  for (const [name, source] of Object.entries(responseParameters)) {
    const [, header] = /^gatewayresponse\.header\.([\w-]+)$/.exec(name) ?? [];
    const value = readSource(source, facts);
    if (header !== undefined && value !== undefined) headers[header.toLowerCase()] = value;
  }
  const variables: Record<string, string> = {
    'context.requestId': facts.requestId,
    'context.error.message': String(known.message ?? ''),
    'context.error.messageString': JSON.stringify(known.message),
    'context.error.responseType': type,
  };
  for (const [name, value] of Object.entries(facts.authorizer ?? {})) variables[`context.authorizer.${name}`] = value;
  return {
    status: own?.statusCode ?? fallback?.statusCode ?? known.status,
    headers,
    body: template.replace(/\$((?:context|stageVariables)(?:\.\w+)+)/g, (_, name: string) => variables[name] ?? ''),
  };
}

/**
 * Where there is no such route, API Gateway takes the `Authorization` header for an AWS signature, and says what it
 * lacks to be one. Which type that answer has isn't documented.
 *
 * @see https://github.com/HumanCellAtlas/data-store/issues/328
 */
function misreadHeader(request: HttpRequest): { readonly message: string; readonly errorType: string } | undefined {
  const value = headerValues(request, 'authorization').at(-1)?.trim();
  if (!value) return undefined;
  const part = value.split(' ').at(-1);
  return {
    message: `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${value}'.`,
    errorType: 'IncompleteSignatureException',
  };
}

function readSource(source: string, { request, authorizer }: ResponseFacts): string | undefined {
  const [, literal] = /^'(.*)'$/s.exec(source) ?? [];
  if (literal !== undefined) return literal;
  const [, header] = /^method\.request\.header\.([\w-]+)$/.exec(source) ?? [];
  if (header !== undefined) return headerValues(request, header).at(-1);
  const [, key] = /^context\.authorizer\.(\w+)$/.exec(source) ?? [];
  if (key !== undefined) return authorizer?.[key];
  throw new Error(`The header value ${source} is not known here.`);
}
