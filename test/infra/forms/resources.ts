import { all, change, remove, set } from '../support/edit.ts';
import { ALLOW_HEADERS, type ApiForm, FAR_API, FAR_URI, NOT_HTTP, REST_HEADER } from '../support/mistakes.ts';
import { resourceOf } from '../support/response-mistakes.ts';

const OPTIONS = ['Resources', resourceOf({ HttpMethod: 'OPTIONS' })];
const ANY = ['Resources', resourceOf({ HttpMethod: 'ANY' }), 'Properties'];
const ANSWERED = [...OPTIONS, 'Properties', 'Integration', 'IntegrationResponses', 0, 'ResponseParameters'];
const GET = ['Resources', resourceOf({ HttpMethod: 'GET' }), 'Properties'];
const AUTHORIZER = ['Resources', ofType('AWS::ApiGateway::Authorizer'), 'Properties'];
const PERMISSION = [
  'Resources',
  (resource: unknown) => JSON.stringify((resource as { Properties: unknown }).Properties).includes('/authorizers/'),
];

/** An API of separate CloudFormation resources: infra/attach/cloudformation, and what the CDK synthesises. */
export const RESOURCES_FORM: ApiForm = {
  'the authorizer on OPTIONS': all(
    set([...OPTIONS, 'Properties', 'AuthorizationType'], 'CUSTOM'),
    set([...OPTIONS, 'Properties', 'AuthorizerId'], 'another'),
  ),
  'no OPTIONS': remove(OPTIONS),
  'a preflight that allows no headers': remove([...ANSWERED, `method.response.header.${ALLOW_HEADERS}`]),
  'a preflight without Authorization': set([...ANSWERED, `method.response.header.${ALLOW_HEADERS}`], "'Content-Type'"),
  'no authorizer on a method': set([...ANY, 'AuthorizationType'], 'NONE'),
  "an authorizer that isn't there": set([...ANY, 'AuthorizerId'], 'another'),
  'an authorizer on the public route': all(
    set([...GET, 'AuthorizationType'], 'CUSTOM'),
    set([...GET, 'AuthorizerId'], 'another'),
  ),
  'two identity sources': set(
    [...AUTHORIZER, 'IdentitySource'],
    `${REST_HEADER}Authorization, ${REST_HEADER}X-Api-Key`,
  ),
  'another identity source': set([...AUTHORIZER, 'IdentitySource'], `${REST_HEADER}X-Api-Key`),
  'no identity source': remove([...AUTHORIZER, 'IdentitySource']),
  'a TTL of two hours': set([...AUTHORIZER, 'AuthorizerResultTtlInSeconds'], 7200),
  'no TTL': remove([...AUTHORIZER, 'AuthorizerResultTtlInSeconds']),
  'a TOKEN authorizer': set([...AUTHORIZER, 'Type'], 'TOKEN'),
  'another function': set([...AUTHORIZER, 'AuthorizerUri'], FAR_URI),
  'no permission': remove(PERMISSION),
  'a permission for another service': set([...PERMISSION, 'Properties', 'Principal'], 'events.amazonaws.com'),
  'a permission for everybody': set([...PERMISSION, 'Properties', 'Principal'], '*'),
  'a permission for all of API Gateway': remove([...PERMISSION, 'Properties', 'SourceArn']),
  'a permission for other APIs': set([...PERMISSION, 'Properties', 'SourceArn'], FAR_API),
  'a part that no deployment has': change(['Resources', ofType('AWS::ApiGateway::Deployment'), 'DependsOn'], (parts) =>
    [parts].flat().filter((part) => !/5xx/i.test(String(part))),
  ),
  ...NOT_HTTP,
};

function ofType(type: string): (resource: unknown) => boolean {
  return (resource) => (resource as { Type: string }).Type === type;
}
