import { remove, set } from '../support/edit.ts';
import { type ApiForm, FAR_API, FAR_URI, NOT_HTTP } from '../support/mistakes.ts';

const NO_PREFLIGHTS = 'WebSocket handshakes have no preflights';
const CONNECT = ['Resources', 'Connect', 'Properties'];
const AUTHORIZER = ['Resources', 'Authorizer', 'Properties'];
const PERMISSION = ['Resources', 'ApiMayCallAuthorizer', 'Properties'];

/** infra/attach/websocket. */
export const WEBSOCKET_FORM: ApiForm = {
  ...NOT_HTTP,
  'the authorizer on OPTIONS': NO_PREFLIGHTS,
  'no OPTIONS': NO_PREFLIGHTS,
  'a preflight that allows no headers': NO_PREFLIGHTS,
  'a preflight without Authorization': NO_PREFLIGHTS,
  'no authorizer on a method': set([...CONNECT, 'AuthorizationType'], 'NONE'),
  "an authorizer that isn't there": set([...CONNECT, 'AuthorizerId'], 'another'),
  'an authorizer on the public route': 'a WebSocket API has one door alone',
  'two identity sources': set(
    [...AUTHORIZER, 'IdentitySource'],
    ['route.request.header.Authorization', 'route.request.header.X-Api-Key'],
  ),
  'another identity source': set([...AUTHORIZER, 'IdentitySource'], ['route.request.header.X-Api-Key']),
  'no identity source': remove([...AUTHORIZER, 'IdentitySource']),
  'a TTL of two hours': set([...AUTHORIZER, 'AuthorizerResultTtlInSeconds'], 7200),
  'no TTL': 'it has none, as it should',
  'a TOKEN authorizer': set([...AUTHORIZER, 'AuthorizerType'], 'JWT'),
  'another function': set([...AUTHORIZER, 'AuthorizerUri'], FAR_URI),
  'no permission': remove(['Resources', 'ApiMayCallAuthorizer']),
  'a permission for another service': set([...PERMISSION, 'Principal'], 'events.amazonaws.com'),
  'a permission for everybody': set([...PERMISSION, 'Principal'], '*'),
  'a permission for all of API Gateway': remove([...PERMISSION, 'SourceArn']),
  'a permission for other APIs': set([...PERMISSION, 'SourceArn'], FAR_API),
  'a part that no deployment has': 'its stage deploys each change',
};
