import type { APIGatewayAuthorizerResult, PolicyDocument, Statement } from 'aws-lambda';
import {
  DENIALS,
  type Decision,
  type Denial,
  type Principal,
  PUBLIC_ANSWERS,
  type PublicError,
} from '../../decision.ts';
import { PROFILE_NAMES } from '../../profile.ts';
import { formatSecond } from '../../seconds.ts';
import type { AuthorizerRequest } from './event.ts';

/** The methods of API Gateway that need credentials; `OPTIONS` is left out. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const CONTROL = /\p{Cc}/u;

/**
 * Renders a decision as API Gateway takes it.
 *
 * API Gateway caches the result for the `Authorization` value it came from and judges later requests by it, to any
 * route and method of the stage. So whatever can differ between them (the moment, the address, the method) stands in
 * the policy, and nothing of this one request does. Refusals are explicit Denies, since a resource policy that allows
 * lets a request through on which the authorizer's policy is silent.
 *
 * @param conditions `off`: nothing in the policy says when an Allow ends, so one that is cached may outlive it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function renderResult(
  decision: Decision,
  request: AuthorizerRequest,
  conditions: 'on' | 'off' = 'on',
): APIGatewayAuthorizerResult {
  switch (decision.outcome) {
    case 'allow':
      return renderAllow(decision.principal, request, conditions);
    case 'deny':
      return renderDeny(decision, request);
    case 'preflight':
      return { principalId: 'anonymous', policyDocument: policy([statement('Allow', optionsOf(request))]) };
  }
}

function renderAllow(
  principal: Principal,
  request: AuthorizerRequest,
  conditions: 'on' | 'off',
): APIGatewayAuthorizerResult {
  const stage = `${request.stageArn}/*`;
  const statements: Statement[] = [];
  if (principal.validUntil === undefined || conditions === 'off') {
    statements.push(statement('Allow', stage));
  } else {
    const end = formatSecond(principal.validUntil);
    statements.push(statement('Allow', stage, { DateLessThan: { 'aws:CurrentTime': end } }));
    statements.push(statement('Deny', stage, { DateGreaterThanEquals: { 'aws:CurrentTime': end } }));
  }
  const networks = principal.authMethod === 'api_key' ? principal.allowedNetworks : undefined;
  if (networks !== undefined) {
    statements.push(statement('Deny', stage, { NotIpAddress: { [request.sourceIpKey]: [...networks] } }));
  }
  const mayDenyLater = statements.length > 1;
  const error = principal.authMethod === 'api_key' ? 'invalid_api_key' : 'invalid_token';
  return {
    principalId: principal.userId,
    policyDocument: policy(statements),
    context: { ...renderContext(principal), ...(mayDenyLater ? renderAnswer(error) : {}) },
  };
}

function renderDeny(denial: Denial, request: AuthorizerRequest): APIGatewayAuthorizerResult {
  const isWebSocket = request.method === '$connect';
  return {
    principalId: 'anonymous',
    policyDocument: policy(
      isWebSocket
        ? [statement('Deny', `${request.stageArn}/$connect`)]
        : [
            statement(
              'Deny',
              METHODS.map((method) => `${request.stageArn}/${method}/*`),
            ),
            statement('Allow', optionsOf(request)),
          ],
    ),
    context: renderAnswer(DENIALS[denial.reason].error),
  };
}

/** The user context. Values are strings, the only kind that reaches every API's backend unchanged. */
function renderContext(principal: Principal): Record<string, string> {
  const isKey = principal.authMethod === 'api_key';
  const context: Record<string, string> = {};
  const put = (name: string, value: string | undefined) => {
    const text = value === undefined ? '' : withoutControls(value);
    if (text !== '') context[name] = text;
  };
  put('userId', principal.userId);
  for (const name of PROFILE_NAMES) put(name, renderValue(principal[name]));
  put('authMethod', principal.authMethod);
  put('apiKeyId', isKey ? principal.apiKeyId : undefined);
  put('environment', isKey ? principal.environment : undefined);
  put('scope', principal.scope);
  put('clientId', isKey ? undefined : principal.clientId);
  return context;
}

/** A list is an array in a string: in JSON a control character would be hidden as an escape. */
function renderValue(value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return JSON.stringify(value.map(withoutControls).filter((text) => text !== ''));
}

function withoutControls(text: string): string {
  return CONTROL.test(text) ? text.replaceAll(/\p{Cc}/gu, '') : text;
}

/** `denyError` and `denyMessage`: what the `ACCESS_DENIED` gateway response answers with. */
function renderAnswer(error: PublicError): { denyError: string; denyMessage: string } {
  return { denyError: error, denyMessage: PUBLIC_ANSWERS[error] };
}

function policy(statements: Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

type Condition = Record<string, Record<string, string | string[]>>;

function statement(effect: 'Allow' | 'Deny', resource: string | string[], condition?: Condition): Statement {
  return {
    Action: 'execute-api:Invoke',
    Effect: effect,
    Resource: resource,
    ...(condition && { Condition: condition }),
  };
}

function optionsOf(request: AuthorizerRequest): string {
  return `${request.stageArn}/OPTIONS/*`;
}
