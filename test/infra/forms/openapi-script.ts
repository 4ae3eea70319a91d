import { type Edit, replace, set } from '../support/edit.ts';
import type { ApiForm, Mistake } from '../support/mistakes.ts';
import { openApiForm } from './openapi.ts';

/** infra/attach/openapi: the permission and the deployment are lines of import.sh. */
export const OPENAPI_SCRIPT_FORM: ApiForm = openApiForm(['document'], '/{proxy+}', {
  'an authorizer on the public route': set(['document', 'paths', '/health', 'get', 'security'], [{ gatepass: [] }]),
  'no permission': inScript('aws lambda add-permission', ': aws lambda add-permission'),
  'a permission for another service': inScript('apigateway.amazonaws.com', 'events.amazonaws.com'),
  'a permission for everybody': inScript('--principal apigateway.amazonaws.com', "--principal '*'"),
  'a permission for all of API Gateway': inScript(/--source-arn "[^"]+"/, ''),
  'a permission for other APIs': inScript('$api/authorizers/*', '*/authorizers/*'),
  'a part that no deployment has': inScript('aws apigateway create-deployment', ': aws apigateway create-deployment'),
});

export const SCRIPT_MISTAKES: readonly Mistake[] = [
  ['a script that fails', 'import-script', inScript('set -eu', 'set -eu; exit 3')],
  ['a placeholder left in', 'import-script', set(['document', 'info', 'title'], '{{TITLE}}')],
  ['no deployment after an import over an API', 'deployment-has-every-part', inScript('  api=$1', '  exit 0')],
];

function inScript(old: string | RegExp, text: string): Edit {
  return replace(['script'], old, text);
}
