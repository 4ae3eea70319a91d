import { all, type Path, remove, replace, set } from '../support/edit.ts';
import {
  ALLOW_HEADERS,
  type ApiForm,
  FAR_API,
  FAR_URI,
  type Mistake,
  NOT_HTTP,
  REST_HEADER,
} from '../support/mistakes.ts';

const AUTHORIZER = resource('aws_api_gateway_authorizer', 'gatepass');
const PERMISSION = resource('aws_lambda_permission', 'api_may_call_authorizer');
const ANY = resource('aws_api_gateway_method', 'every_method');
const GET = resource('aws_api_gateway_method', 'get_health');
const OPTIONS = resource('aws_api_gateway_method', 'preflight');
const ANSWERED = [...resource('aws_api_gateway_integration_response', 'preflight'), 'response_parameters'];
const RESPONSES = resource('aws_api_gateway_gateway_response', 'all');

/** infra/attach/terraform, as python-hcl2 parses it. */
export const TERRAFORM_FORM: ApiForm = {
  ...NOT_HTTP,
  'the authorizer on OPTIONS': all(
    set([...OPTIONS, 'authorization'], 'CUSTOM'),
    set([...OPTIONS, 'authorizer_id'], `\${aws_api_gateway_authorizer.gatepass.id}`),
  ),
  'no OPTIONS': remove(OPTIONS),
  'a preflight that allows no headers': remove([...ANSWERED, `method.response.header.${ALLOW_HEADERS}`]),
  'a preflight without Authorization': set([...ANSWERED, `method.response.header.${ALLOW_HEADERS}`], "'Content-Type'"),
  'no authorizer on a method': set([...ANY, 'authorization'], 'NONE'),
  "an authorizer that isn't there": set([...ANY, 'authorizer_id'], `\${aws_api_gateway_authorizer.other.id}`),
  'an authorizer on the public route': all(
    set([...GET, 'authorization'], 'CUSTOM'),
    set([...GET, 'authorizer_id'], `\${aws_api_gateway_authorizer.gatepass.id}`),
  ),
  'two identity sources': set(
    [...AUTHORIZER, 'identity_source'],
    `${REST_HEADER}Authorization, ${REST_HEADER}X-Api-Key`,
  ),
  'another identity source': set([...AUTHORIZER, 'identity_source'], `${REST_HEADER}X-Api-Key`),
  'no identity source': remove([...AUTHORIZER, 'identity_source']),
  'a TTL of two hours': set([...AUTHORIZER, 'authorizer_result_ttl_in_seconds'], 7200),
  'no TTL': remove([...AUTHORIZER, 'authorizer_result_ttl_in_seconds']),
  'a TOKEN authorizer': remove([...AUTHORIZER, 'type']),
  'another function': set([...AUTHORIZER, 'authorizer_uri'], FAR_URI),
  'no permission': remove(PERMISSION),
  'a permission for another service': set([...PERMISSION, 'principal'], 'events.amazonaws.com'),
  'a permission for everybody': set([...PERMISSION, 'principal'], '*'),
  'a permission for all of API Gateway': remove([...PERMISSION, 'source_arn']),
  'a permission for other APIs': set([...PERMISSION, 'source_arn'], FAR_API),
  'a part that no deployment has': replace(
    [...resource('aws_api_gateway_deployment', 'api'), 'triggers', 'changed'],
    'aws_api_gateway_gateway_response.all',
    '',
  ),
};

/** What only a Terraform module can get wrong. */
export const TERRAFORM_MISTAKES: readonly Mistake[] = [
  [
    'a route that no deployment has',
    'deployment-has-every-part',
    replace(
      [...resource('aws_api_gateway_deployment', 'api'), 'triggers', 'changed'],
      'aws_api_gateway_resource.every_route',
      '',
    ),
  ],
  ['one status for all', 'gateway-responses-complete', set([...RESPONSES, 'status_code'], '401')],
  ['no bodies', 'gateway-responses-complete', remove([...RESPONSES, 'response_templates'])],
  ['no headers', 'gateway-responses-complete', remove([...RESPONSES, 'response_parameters'])],
  [
    'another file',
    'gateway-responses-complete',
    set(['locals', 0, 'gateway_responses'], `\${yamldecode(file("responses.yaml"))}`),
  ],
  [
    'an undeclared resource',
    'references-resolve',
    set([...AUTHORIZER, 'rest_api_id'], `\${aws_api_gateway_rest_api.apy.id}`),
  ],
  ['a misspelt argument', 'arguments-known', set([...AUTHORIZER, 'identity_sources'], '')],
];

function resource(type: string, name: string): Path {
  return ['resource', (block) => name in Object(Object(block)[type]), type, name];
}
