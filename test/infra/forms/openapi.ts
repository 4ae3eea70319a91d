import { type Path, remove, set } from '../support/edit.ts';
import { ALLOW_HEADERS, type ApiForm, FAR_URI, NOT_HTTP, REST_HEADER } from '../support/mistakes.ts';

/** An API of an OpenAPI document, and how its permission is broken, which stands elsewhere. */
export function openApiForm(
  body: Path,
  route: string,
  permission: Pick<
    ApiForm,
    | 'no permission'
    | 'a permission for another service'
    | 'a permission for everybody'
    | 'a permission for all of API Gateway'
    | 'a permission for other APIs'
    | 'a part that no deployment has'
    | 'an authorizer on the public route'
  >,
): ApiForm {
  const any = [...body, 'paths', route, 'x-amazon-apigateway-any-method'];
  const options = [...body, 'paths', route, 'options'];
  const answered = [...options, 'x-amazon-apigateway-integration', 'responses', 'default', 'responseParameters'];
  const scheme = [...body, 'components', 'securitySchemes', 'gatepass', 'x-amazon-apigateway-authorizer'];
  return {
    'the authorizer on OPTIONS': set([...options, 'security'], [{ gatepass: [] }]),
    'no OPTIONS': remove(options),
    'a preflight that allows no headers': remove([...answered, `method.response.header.${ALLOW_HEADERS}`]),
    'a preflight without Authorization': set(
      [...answered, `method.response.header.${ALLOW_HEADERS}`],
      "'Content-Type'",
    ),
    'no authorizer on a method': set([...any, 'security'], []),
    "an authorizer that isn't there": set([...any, 'security'], [{ another: [] }]),
    'two identity sources': set([...scheme, 'identitySource'], `${REST_HEADER}Authorization, ${REST_HEADER}X-Api-Key`),
    'another identity source': set([...scheme, 'identitySource'], `${REST_HEADER}X-Api-Key`),
    'no identity source': remove([...scheme, 'identitySource']),
    'a TTL of two hours': set([...scheme, 'authorizerResultTtlInSeconds'], 7200),
    'no TTL': remove([...scheme, 'authorizerResultTtlInSeconds']),
    'a TOKEN authorizer': set([...scheme, 'type'], 'token'),
    'another function': set([...scheme, 'authorizerUri'], FAR_URI),
    ...NOT_HTTP,
    ...permission,
  };
}
