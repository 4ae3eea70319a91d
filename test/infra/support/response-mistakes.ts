import { type Edit, type Path, remove, rename, set } from './edit.ts';
import type { Mistake } from './mistakes.ts';

/** Where a form keeps its gateway responses. */
export interface ResponsePlaces {
  /** All that is there of one type. */
  whole(type: string): Path;
  /** Where its status, templates and headers are. */
  response(type: string): Path;
  readonly names: { readonly status: string; readonly templates: string; readonly headers: Path };
  /** What a header's name starts with. */
  readonly header: string;
  misspell(type: string, as: string): Edit;
}

const HEADER = 'gatewayresponse.header.';

/** A map of `x-amazon-apigateway-gateway-responses` entries, somewhere in a document. */
export function openApiResponses(...place: Path): ResponsePlaces {
  return {
    whole: (type) => [...place, type],
    response: (type) => [...place, type],
    names: { status: 'statusCode', templates: 'responseTemplates', headers: ['responseParameters'] },
    header: HEADER,
    misspell: (type, as) => rename([...place, type], as),
  };
}

/** The `GatewayResponses` of an AWS::Serverless::Api. */
export function samResponses(...place: Path): ResponsePlaces {
  return {
    ...openApiResponses(...place),
    names: { status: 'StatusCode', templates: 'ResponseTemplates', headers: ['ResponseParameters', 'Headers'] },
    header: '',
  };
}

/** One AWS::ApiGateway::GatewayResponse each, whatever they are called. */
export const RESOURCE_RESPONSES: ResponsePlaces = {
  whole: (type) => ['Resources', resourceOf({ ResponseType: type })],
  response: (type) => ['Resources', resourceOf({ ResponseType: type }), 'Properties'],
  names: { status: 'StatusCode', templates: 'ResponseTemplates', headers: ['ResponseParameters'] },
  header: HEADER,
  misspell: (type, as) => set(['Resources', resourceOf({ ResponseType: type }), 'Properties', 'ResponseType'], as),
};

/** Picks the resource that has these properties. */
export function resourceOf(wanted: Readonly<Record<string, string>>): (resource: unknown) => boolean {
  return (resource) => {
    // The cast: every resource of the examples has properties.
    const { Properties } = resource as { Properties: Readonly<Record<string, unknown>> };
    return Object.entries(wanted).every(([name, value]) => Properties[name] === value);
  };
}

const BODY = 'application/json';

export function responseMistakes({ whole, response, names, header, misspell }: ResponsePlaces): readonly Mistake[] {
  const types = [
    'ACCESS_DENIED',
    'UNAUTHORIZED',
    'AUTHORIZER_FAILURE',
    'AUTHORIZER_CONFIGURATION_ERROR',
    'MISSING_AUTHENTICATION_TOKEN',
    'INVALID_SIGNATURE',
    'DEFAULT_4XX',
    'DEFAULT_5XX',
  ];
  const status = (type: string, value: string) => set([...response(type), names.status], value);
  const body = (type: string, value: string, contentType = BODY) =>
    set([...response(type), names.templates], { [contentType]: value });
  const headerOf = (type: string, name: string) => [...response(type), ...names.headers, header + name];
  return [
    ...types.map((type): Mistake => [`no ${type}`, 'gateway-responses-complete', remove(whole(type))]),
    ['a misspelt type', 'gateway-response-types-known', misspell('UNAUTHORIZED', 'UNAUTHORISED')],
    ['a status on DEFAULT_4XX', 'gateway-response-statuses', status('DEFAULT_4XX', '401')],
    ['refusals as 403', 'gateway-response-statuses', status('ACCESS_DENIED', '403')],
    ['faults as 500', 'gateway-response-statuses', status('AUTHORIZER_FAILURE', '500')],
    ['no body for refusals', 'gateway-response-bodies', remove([...response('ACCESS_DENIED'), names.templates])],
    ['another body', 'gateway-response-bodies', body('UNAUTHORIZED', '{"error":"unauthorized","message":"no"}')],
    [
      'a context key that nobody sets',
      'gateway-response-bodies',
      body('ACCESS_DENIED', '{"error":"$context.authorizer.error","message":""}'),
    ],
    [
      "a body that isn't JSON",
      'gateway-response-bodies',
      body('ACCESS_DENIED', '{"error":$context.authorizer.denyError}'),
    ],
    [
      "a body that quotes the caller's header",
      'gateway-response-bodies',
      body('INVALID_SIGNATURE', '{"message":$context.error.messageString}'),
    ],
    ['a body for plain text alone', 'gateway-response-bodies', body('ACCESS_DENIED', 'no', 'text/plain')],
    [
      "a refusal that pages can't read",
      'gateway-response-headers',
      remove(headerOf('ACCESS_DENIED', 'Access-Control-Allow-Origin')),
    ],
    [
      "a challenge that pages can't read",
      'gateway-response-headers',
      remove(headerOf('ACCESS_DENIED', 'Access-Control-Expose-Headers')),
    ],
    ['no challenge', 'gateway-response-headers', remove(headerOf('UNAUTHORIZED', 'WWW-Authenticate'))],
    ['no Retry-After', 'gateway-response-headers', remove(headerOf('AUTHORIZER_CONFIGURATION_ERROR', 'Retry-After'))],
    [
      'a value without its single quotes',
      'gateway-response-headers',
      set(headerOf('DEFAULT_5XX', 'Access-Control-Allow-Origin'), '*'),
    ],
  ];
}

/** What only those who quote the shared file can get wrong. */
export function quoteMistakes({ response, names, header }: ResponsePlaces): readonly Mistake[] {
  const origin = [...response('DEFAULT_4XX'), ...names.headers, `${header}Access-Control-Allow-Origin`];
  return [['an origin of its own', 'gateway-responses-as-shared', set(origin, "'https://old.example.com'")]];
}
