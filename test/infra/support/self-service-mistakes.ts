import { remove, set } from './edit.ts';
import type { Mistake } from './mistakes.ts';

const BODY = ['Resources', 'SelfServiceApi', 'Properties', 'DefinitionBody'];
const AUTHORIZER = [...BODY, 'components', 'securitySchemes', 'signedIn', 'x-amazon-apigateway-authorizer'];
const VARIABLES = ['Resources', 'SelfServiceAuthorizerFunction', 'Properties', 'Environment', 'Variables'];
const STATEMENT = [...['Resources', 'KeysRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 0]];

const USAGE_STATEMENT = [...STATEMENT.slice(0, -1), 1, 'Fn::If', 1];

/** The mistakes that are tried on the page and the API on which users manage their keys. */
export const SELF_SERVICE_MISTAKES: readonly Mistake[] = [
  [
    'a route of the keys API without its authorizer',
    'self-service-authorized',
    set([...BODY, 'paths', '/keys/api/keys', 'post', 'security'], []),
  ],
  [
    'a page that nobody can open',
    'self-service-authorized',
    set([...BODY, 'paths', '/keys', 'get', 'security'], [{ signedIn: [] }]),
  ],
  ['decisions that are kept', 'self-service-uncached', set([...AUTHORIZER, 'authorizerResultTtlInSeconds'], 60)],
  [
    'decisions that are kept by a header',
    'self-service-uncached',
    set([...AUTHORIZER, 'identitySource'], 'method.request.header.Authorization'),
  ],
  ["the API's own tokens", 'self-service-audience', set([...VARIABLES, 'GATEPASS_AUDIENCE'], { Ref: 'Audience' })],
  ['tokens of any client', 'self-service-audience', set([...VARIABLES, 'GATEPASS_CLIENTS'], '*')],
  ['accounts unchecked', 'self-service-audience', set([...VARIABLES, 'GATEPASS_ACCOUNT_CHECK'], 'keys')],
  ['any item of the table', 'self-service-least-privilege', remove([...STATEMENT, 'Condition'])],
  ['any action on the table', 'self-service-least-privilege', set([...STATEMENT, 'Action'], 'dynamodb:*')],
  [
    'usage that it may write',
    'self-service-least-privilege',
    set([...USAGE_STATEMENT, 'Action'], ['dynamodb:Query', 'dynamodb:PutItem']),
  ],
  ['any table', 'self-service-least-privilege', set([...STATEMENT, 'Resource'], '*')],
];
