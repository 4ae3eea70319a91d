import { remove, set } from '../support/edit.ts';
import { type ApiForm, FAR_FUNCTION, NOT_HTTP } from '../support/mistakes.ts';

const SAM_REFUSES = 'SAM itself refuses it, which is tried apart';
const SAM_WRITES_IT = 'SAM writes it';
const API = ['Resources', 'Api', 'Properties'];
const GATEPASS = [...API, 'Auth', 'Authorizers', 'Gatepass'];
const EVENTS = ['Resources', 'Backend', 'Properties', 'Events'];

const COMMON = {
  'no authorizer on a method': set([...EVENTS, 'EveryRoute', 'Properties', 'Auth'], { Authorizer: 'NONE' }),
  "an authorizer that isn't there": SAM_REFUSES,
  'an authorizer on the public route': set([...EVENTS, 'Health', 'Properties', 'Auth'], { Authorizer: 'Gatepass' }),
  'two identity sources': set([...GATEPASS, 'Identity', 'Headers'], ['Authorization', 'X-Api-Key']),
  'another identity source': set([...GATEPASS, 'Identity', 'Headers'], ['X-Api-Key']),
  'a TTL of two hours': set([...GATEPASS, 'Identity', 'ReauthorizeEvery'], 7200),
  'no TTL': remove([...GATEPASS, 'Identity', 'ReauthorizeEvery']),
  'another function': set([...GATEPASS, 'FunctionArn'], FAR_FUNCTION),
  'a permission for another service': SAM_WRITES_IT,
  'a permission for everybody': SAM_WRITES_IT,
  'a permission for all of API Gateway': SAM_WRITES_IT,
  'a permission for other APIs': SAM_WRITES_IT,
  'a part that no deployment has': SAM_WRITES_IT,
};

/** infra/attach/sam. */
export const SAM_REST_FORM: ApiForm = {
  ...COMMON,
  ...NOT_HTTP,
  'the authorizer on OPTIONS': remove([...API, 'Auth', 'AddDefaultAuthorizerToCorsPreflight']),
  'no OPTIONS': remove([...API, 'Cors']),
  'a preflight that allows no headers': remove([...API, 'Cors', 'AllowHeaders']),
  'a preflight without Authorization': set([...API, 'Cors', 'AllowHeaders'], "'Content-Type'"),
  'no identity source': SAM_REFUSES,
  'a TOKEN authorizer': set([...GATEPASS, 'FunctionPayloadType'], 'TOKEN'),
  'no permission': set([...GATEPASS, 'DisableFunctionDefaultPermissions'], true),
};

/** infra/attach/http-api. */
export const SAM_HTTP_FORM: ApiForm = {
  ...COMMON,
  'the authorizer on OPTIONS': set([...EVENTS, 'Preflight', 'Properties', 'Auth'], { Authorizer: 'Gatepass' }),
  'no OPTIONS': remove([...EVENTS, 'Preflight']),
  'a preflight that allows no headers': remove([...API, 'CorsConfiguration', 'AllowHeaders']),
  'a preflight without Authorization': set([...API, 'CorsConfiguration', 'AllowHeaders'], ['Content-Type']),
  'no identity source': remove([...GATEPASS, 'Identity', 'Headers']),
  'a TOKEN authorizer': 'HTTP APIs have none',
  'no permission': set([...GATEPASS, 'EnableFunctionDefaultPermissions'], false),
  'payload 1.0': set([...GATEPASS, 'AuthorizerPayloadFormatVersion'], '1.0'),
  'simple responses': set([...GATEPASS, 'EnableSimpleResponses'], true),
};
