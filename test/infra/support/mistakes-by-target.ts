import { openApiForm } from '../forms/openapi.ts';
import { OPENAPI_SCRIPT_FORM, SCRIPT_MISTAKES } from '../forms/openapi-script.ts';
import { RESOURCES_FORM } from '../forms/resources.ts';
import { SAM_HTTP_FORM, SAM_REST_FORM } from '../forms/sam.ts';
import { TERRAFORM_FORM, TERRAFORM_MISTAKES } from '../forms/terraform.ts';
import { WEBSOCKET_FORM } from '../forms/websocket.ts';
import { remove, replace, set } from './edit.ts';
import { FAR_API, FAR_FUNCTION, type Mistake, mistakesOf } from './mistakes.ts';
import {
  openApiResponses,
  quoteMistakes,
  RESOURCE_RESPONSES,
  type ResponsePlaces,
  responseMistakes,
  samResponses,
} from './response-mistakes.ts';
import { STACK_MISTAKES } from './stack-mistakes.ts';

const BODY = ['Resources', 'ExampleApiGateway', 'Properties', 'DefinitionBody'];
const PERMISSION = ['Resources', 'ExampleApiMayCallAuthorizer', 'Properties'];
const RESPONSES = 'x-amazon-apigateway-gateway-responses';

const EXAMPLE_API_FORM = openApiForm(BODY, '/api/v1/{proxy+}', {
  'an authorizer on the public route': 'the example API has none',
  'no permission': set([...PERMISSION, 'FunctionName'], FAR_FUNCTION),
  'a permission for another service': set([...PERMISSION, 'Principal'], 'events.amazonaws.com'),
  'a permission for everybody': set([...PERMISSION, 'Principal'], '*'),
  'a permission for all of API Gateway': remove([...PERMISSION, 'SourceArn']),
  'a permission for other APIs': set([...PERMISSION, 'SourceArn'], FAR_API),
  'a part that no deployment has': 'SAM makes a deployment of the whole document',
});

/** What each target is broken by. */
export const MISTAKES = {
  template: [
    ...mistakesOf(EXAMPLE_API_FORM),
    ...quotedResponses(openApiResponses(...BODY, RESPONSES)),
    ...STACK_MISTAKES,
  ],
  responses: responseMistakes(openApiResponses()),
  sam: [
    ...mistakesOf(SAM_REST_FORM),
    ...quotedResponses(samResponses('Resources', 'Api', 'Properties', 'GatewayResponses')),
  ],
  cloudformation: [...mistakesOf(RESOURCES_FORM), ...quotedResponses(RESOURCE_RESPONSES)],
  cdk: [...mistakesOf(RESOURCES_FORM), ...quotedResponses(RESOURCE_RESPONSES)],
  http: mistakesOf(SAM_HTTP_FORM),
  websocket: mistakesOf(WEBSOCKET_FORM),
  openapi: [
    ...mistakesOf(OPENAPI_SCRIPT_FORM),
    ...quotedResponses(openApiResponses('document', RESPONSES)),
    ...SCRIPT_MISTAKES,
  ],
  terraform: [...mistakesOf(TERRAFORM_FORM), ...TERRAFORM_MISTAKES],
  sources: [
    [
      'a partition written out',
      'partition-not-hard-coded',
      replace(['template.yaml'], `arn:\${AWS::Partition}:`, 'arn:aws:'),
    ],
  ],
} as const satisfies Record<string, readonly Mistake[]>;

const SAM_API = ['Resources', 'Api', 'Properties', 'Auth'];
const TEMPLATE_FUNCTION = ['Resources', 'AuthorizerFunction', 'Properties'];

/**
 * What SAM or the linter must tell of, in what CloudFormation gets: SAM's own validation passes most of it, and the
 * linter too, of a template as it is written.
 */
export const LINTED_MISTAKES = {
  template: [
    [
      'an undefined !Ref',
      'lint',
      set([...TEMPLATE_FUNCTION, 'Environment', 'Variables', 'GATEPASS_TABLE'], { Ref: 'Tabel' }),
    ],
    ['an undefined !GetAtt', 'lint', set([...TEMPLATE_FUNCTION, 'Role'], { 'Fn::GetAtt': ['AuthorizerRole', 'Arm'] })],
    ["a runtime that isn't there", 'lint', set([...TEMPLATE_FUNCTION, 'Runtime'], 'nodejs99.x')],
    ['a misspelt property', 'lint', set(['Resources', 'Table', 'Properties', 'TimeToLive'], {})],
  ],
  sam: [
    [
      'an undefined !Ref',
      'lint',
      set(['Resources', 'Backend', 'Properties', 'Environment', 'Variables', 'X'], { Ref: 'Nothing' }),
    ],
    ['an undefined default authorizer', 'transform', set([...SAM_API, 'DefaultAuthorizer'], 'Gatepas')],
    ['no identity source', 'transform', remove([...SAM_API, 'Authorizers', 'Gatepass', 'Identity'])],
  ],
  http: [
    [
      'no payload version',
      'transform',
      remove([...SAM_API, 'Authorizers', 'Gatepass', 'AuthorizerPayloadFormatVersion']),
    ],
  ],
  cloudformation: [
    [
      'an undefined !Ref',
      'lint',
      set(['Resources', 'EveryMethod', 'Properties', 'AuthorizerId'], { Ref: 'Authoriser' }),
    ],
  ],
  websocket: [
    [
      'an undefined !Sub',
      'lint',
      set(['Resources', 'Connect', 'Properties', 'Target'], { 'Fn::Sub': `integrations/\${Nothing}` }),
    ],
  ],
} as const satisfies Record<string, readonly Mistake[]>;

function quotedResponses(places: ResponsePlaces): readonly Mistake[] {
  return [...responseMistakes(places), ...quoteMistakes(places)];
}
