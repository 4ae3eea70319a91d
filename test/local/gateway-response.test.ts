import { describe, expect, it } from 'vitest';
import type { Api, GatewayResponse } from '../../src/local/gateway/api.ts';
import { RESPONSE_TYPES, type ResponseType, renderGatewayResponse } from '../../src/local/gateway/gateway-response.ts';
import { deployedApi } from './support/api.ts';
import { bodyOf, REQUEST_ID, toHttpRequest } from './support/client.ts';

const NONE: Api = { ...deployedApi(), gatewayResponses: {} };
const TYPES = Object.keys(RESPONSE_TYPES).filter((type): type is ResponseType => type in RESPONSE_TYPES);

function render(
  type: ResponseType,
  gatewayResponses: Readonly<Record<string, Partial<GatewayResponse>>>,
  { authorizer, headers = [] }: { authorizer?: Record<string, string>; headers?: [string, string][] } = {},
) {
  const filled = Object.entries(gatewayResponses).map(([name, response]): [string, GatewayResponse] => [
    name,
    { statusCode: undefined, responseParameters: {}, responseTemplates: {}, ...response },
  ]);
  const api = { ...NONE, gatewayResponses: Object.fromEntries(filled) };
  return renderGatewayResponse(api, type, { request: toHttpRequest({ headers }), requestId: REQUEST_ID, authorizer });
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
describe('without gateway responses of its own an API answers', () => {
  it.each([
    ['UNAUTHORIZED', 401, 'Unauthorized'],
    ['ACCESS_DENIED', 403, 'User is not authorized to access this resource'],
    ['MISSING_AUTHENTICATION_TOKEN', 403, 'Missing Authentication Token'],
    ['UNSUPPORTED_MEDIA_TYPE', 415, 'Unsupported Media Type'],
    ['AUTHORIZER_FAILURE', 500, null],
    ['AUTHORIZER_CONFIGURATION_ERROR', 500, null],
    ['INTEGRATION_FAILURE', 504, 'Network error communicating with endpoint'],
    ['API_CONFIGURATION_ERROR', 500, 'Internal server error'],
  ] as const)('%s by %i and {"message":…}', (type, status, message) => {
    const response = render(type, {});
    expect(response.status).toBe(status);
    expect(bodyOf(response)).toEqual({ message });
    expect(response.headers).toEqual({
      'content-type': 'application/json',
      'x-amzn-requestid': REQUEST_ID,
      'x-amzn-errortype': RESPONSE_TYPES[type].errorType,
    });
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
describe('DEFAULT_4XX and DEFAULT_5XX', () => {
  const fallbacks = {
    DEFAULT_4XX: {
      responseParameters: { 'gatewayresponse.header.X-Which': "'4'" },
      responseTemplates: { 'application/json': '{"which":4,"message":$context.error.messageString}' },
    },
    DEFAULT_5XX: {
      responseParameters: { 'gatewayresponse.header.X-Which': "'5'" },
      responseTemplates: { 'application/json': '{"which":5,"message":$context.error.messageString}' },
    },
  };

  it.each(TYPES)('answer in the place of %s, which keeps its status', (type) => {
    const { status, message } = RESPONSE_TYPES[type];
    const which = status < 500 ? 4 : 5;
    const response = render(type, fallbacks);
    expect(response.status).toBe(status);
    expect(response.headers['x-which']).toBe(String(which));
    expect(bodyOf(response)).toEqual({ which, message });
  });

  it('with a status give it to every type of theirs that has none', () => {
    const gatewayResponses = { DEFAULT_4XX: { statusCode: 400 }, ACCESS_DENIED: { statusCode: 401 } };
    expect(render('MISSING_AUTHENTICATION_TOKEN', gatewayResponses).status).toBe(400);
    expect(render('ACCESS_DENIED', gatewayResponses).status).toBe(401);
    expect(render('AUTHORIZER_FAILURE', gatewayResponses).status).toBe(500);
  });

  it('are not mixed into a type that has a response of its own', () => {
    const response = render('ACCESS_DENIED', { ...fallbacks, ACCESS_DENIED: { statusCode: 401 } });
    expect(response.headers).not.toHaveProperty('x-which');
    expect(bodyOf(response)).toEqual({ message: RESPONSE_TYPES.ACCESS_DENIED.message });
  });

  it('of our template keep every status and let pages read the answer', () => {
    for (const type of ['API_CONFIGURATION_ERROR', 'UNSUPPORTED_MEDIA_TYPE', 'INTEGRATION_FAILURE'] as const) {
      const facts = { request: toHttpRequest({}), requestId: REQUEST_ID };
      const response = renderGatewayResponse(deployedApi({ corsOrigin: 'https://app.example.com' }), type, facts);
      expect(response.status).toBe(RESPONSE_TYPES[type].status);
      expect(response.headers['access-control-allow-origin']).toBe('https://app.example.com');
      expect(bodyOf(response)).toEqual({ message: RESPONSE_TYPES[type].message });
    }
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
describe('a body template', () => {
  const bodyBy = (template: string, authorizer?: Record<string, string>) =>
    render(
      'ACCESS_DENIED',
      { ACCESS_DENIED: { responseTemplates: { 'application/json': template } } },
      authorizer === undefined ? {} : { authorizer },
    ).body;

  it('has variables, and puts their values in raw', () => {
    expect(bodyBy('{"e":"$context.authorizer.denyError"}', { denyError: 'invalid_token' })).toBe(
      '{"e":"invalid_token"}',
    );
    expect(bodyBy('{"e":"$context.authorizer.denyError"}', { denyError: 'a"b' })).toBe('{"e":"a"b"}');
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-gateway-response-using-the-console.html
  it('knows the error, quoted as messageString and bare as message and responseType', () => {
    const template =
      '$context.error.messageString|$context.error.message|$context.error.responseType|$context.requestId';
    const { message } = RESPONSE_TYPES.ACCESS_DENIED;
    expect(bodyBy(template)).toBe(`"${message}"|${message}|ACCESS_DENIED|${REQUEST_ID}`);
  });

  it('is no Velocity: directives stay as they are', () => {
    expect(bodyBy('#if(true)x#end $util.escapeJavaScript("a")')).toBe('#if(true)x#end $util.escapeJavaScript("a")');
  });

  // Of a variable without a value AWS's documents say nothing.
  it('has nothing where a variable has no value, as after a Deny of the resource policy', () => {
    expect(bodyBy('{"e":"$context.authorizer.denyError","s":"$stageVariables.x"}')).toBe('{"e":"","s":""}');
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.responseParameters.html
describe('a header mapping', () => {
  const headersBy = (source: string, facts: Parameters<typeof render>[2] = {}) =>
    render(
      'ACCESS_DENIED',
      { ACCESS_DENIED: { responseParameters: { 'gatewayresponse.header.X-Value': source } } },
      facts,
    ).headers;

  it.each([
    ["'*'", '*'],
    ['\'Bearer realm="api"\'', 'Bearer realm="api"'],
    ["'$context.requestId'", '$context.requestId'],
    ["''", ''],
  ])('in single quotes is static: %s', (source, value) => {
    expect(headersBy(source)['x-value']).toBe(value);
  });

  it('may name a header of the request, in any case and the last of several', () => {
    const headers: [string, string][] = [
      ['Origin', 'https://one.example.com'],
      ['origin', 'https://two.example.com'],
    ];
    expect(headersBy('method.request.header.Origin', { headers })['x-value']).toBe('https://two.example.com');
  });

  // Not documented for gateway responses, but in use: `context.authorizer.<key>` without a dollar sign.
  it("may name a value of the authorizer's context", () => {
    const authorizer = { challenge: 'Bearer' };
    expect(headersBy('context.authorizer.challenge', { authorizer })['x-value']).toBe('Bearer');
  });

  it('without a value leaves the header out', () => {
    expect(headersBy('method.request.header.Origin')).not.toHaveProperty('x-value');
    expect(headersBy('context.authorizer.challenge')).not.toHaveProperty('x-value');
  });

  it('that is not known here is an error and no guess', () => {
    expect(() => headersBy('method.request.querystring.x')).toThrow('is not known here');
  });
});
