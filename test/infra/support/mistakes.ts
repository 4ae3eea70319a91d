import { ALARM_ASSERTIONS } from '../../../infra/check/assertions/alarms.ts';
import { API_ASSERTIONS, EXAMPLE_ASSERTIONS } from '../../../infra/check/assertions/api.ts';
import { RESPONSE_ASSERTIONS } from '../../../infra/check/assertions/gateway-responses.ts';
import { LOGOUT_ASSERTIONS } from '../../../infra/check/assertions/logout.ts';
import { SELF_SERVICE_ASSERTIONS } from '../../../infra/check/assertions/self-service.ts';
import { STACK_ASSERTIONS } from '../../../infra/check/assertions/stack.ts';
import { TEMPLATE_ASSERTIONS } from '../../../infra/check/assertions/template.ts';
import { USAGE_ASSERTIONS } from '../../../infra/check/assertions/usage.ts';
import type { Edit } from './edit.ts';

/** What is asserted beside the tables: by the readers of each kind of target. */
const OTHER_ASSERTIONS = {
  'arguments-known': 'The Terraform provider has such an argument.',
  'example-api-on-request': 'The example API is made only where it is asked for.',
  'import-script': 'The import script runs, and leaves no placeholder in the document.',
  lint: 'The linter has nothing to say of what CloudFormation gets.',
  'partition-not-hard-coded': 'It works in China and GovCloud too: no ARN is written out with arn:aws:.',
  'references-resolve': 'What the Terraform module refers to is declared.',
  transform: 'SAM can transform it.',
};

export const ASSERTIONS = {
  ...API_ASSERTIONS,
  ...EXAMPLE_ASSERTIONS,
  ...RESPONSE_ASSERTIONS,
  ...STACK_ASSERTIONS,
  ...SELF_SERVICE_ASSERTIONS,
  ...LOGOUT_ASSERTIONS,
  ...USAGE_ASSERTIONS,
  ...ALARM_ASSERTIONS,
  ...TEMPLATE_ASSERTIONS,
  ...OTHER_ASSERTIONS,
};

type AssertionName = keyof typeof ASSERTIONS;

/** A way to break a document, and the assertion that must tell of it. */
export type Mistake = readonly [what: string, assertion: AssertionName, edit: Edit];

/** What may be wrong with any API, and the assertion meant for it. Each form says how it is done there. */
const API_MISTAKES = {
  'the authorizer on OPTIONS': 'options-without-authorizer',
  'no OPTIONS': 'preflight-answered',
  'a preflight that allows no headers': 'preflight-answered',
  'a preflight without Authorization': 'preflight-answered',
  'no authorizer on a method': 'authorizer-on-every-method',
  "an authorizer that isn't there": 'authorizer-on-every-method',
  'an authorizer on the public route': 'public-route-is-open',
  'two identity sources': 'identity-source-is-authorization-alone',
  'another identity source': 'identity-source-is-authorization-alone',
  'no identity source': 'identity-source-is-authorization-alone',
  'a TTL of two hours': 'ttl-within-bounds',
  'no TTL': 'ttl-within-bounds',
  'a TOKEN authorizer': 'authorizer-type-request',
  'another function': 'authorizer-type-request',
  'no permission': 'invoke-permission',
  'a permission for another service': 'invoke-permission',
  'a permission for everybody': 'invoke-permission',
  'a permission for all of API Gateway': 'invoke-permission',
  'a permission for other APIs': 'invoke-permission',
  'a part that no deployment has': 'deployment-has-every-part',
  'payload 1.0': 'http-api-takes-policies',
  'simple responses': 'http-api-takes-policies',
} as const satisfies Record<string, AssertionName>;

/** How each mistake is made in one way of writing an API down, or why it can't be made there. */
export type ApiForm = Readonly<Record<keyof typeof API_MISTAKES, Edit | string>>;

export function mistakesOf(form: ApiForm): readonly Mistake[] {
  const names = Object.keys(API_MISTAKES) as (keyof typeof API_MISTAKES)[];
  return names.flatMap((name) => {
    const edit = form[name];
    return typeof edit === 'string' ? [] : [[name, API_MISTAKES[name], edit]];
  });
}

const ONLY_HTTP_APIS = 'only HTTP APIs choose it';
/** Of every form but an HTTP API's. */
export const NOT_HTTP = { 'payload 1.0': ONLY_HTTP_APIS, 'simple responses': ONLY_HTTP_APIS };

export const ALLOW_HEADERS = 'Access-Control-Allow-Headers';
export const REST_HEADER = 'method.request.header.';
export const FAR_FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:another';
export const FAR_URI = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${FAR_FUNCTION}/invocations`;
export const FAR_API = 'arn:aws:execute-api:eu-west-1:123456789012:*/authorizers/*';
