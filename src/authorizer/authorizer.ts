import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { BearerAuthenticator } from '../bearer/authenticate.ts';
import type { Clock, Decision, Trace } from '../decision.ts';
import { asFault } from '../fault.ts';
import type { KeyForms } from '../key-format/imported.ts';
import type { ApiKeyAuthenticator } from './api-key/authenticate.ts';
import { takeCredentials } from './gateway/credentials.ts';
import { type AuthorizerRequest, readRequest } from './gateway/event.ts';
import { renderResult } from './gateway/policy.ts';
import type { DecisionLog } from './observe/decision-log.ts';

export interface AuthorizerParts {
  readonly authenticateApiKey: ApiKeyAuthenticator;
  readonly authenticateBearer: BearerAuthenticator;
  readonly keyForms: KeyForms;
  readonly policyConditions: 'on' | 'off';
  readonly log: DecisionLog;
  readonly now: Clock;
}

/**
 * Answers one API Gateway REQUEST authorizer event.
 *
 * @param deadline when the answer must have been given, in epoch milliseconds.
 * @throws Fault when no decision can be made. Refusals are answers and are never thrown.
 */
export type Authorizer = (event: unknown, deadline: number) => Promise<APIGatewayAuthorizerResult>;

export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const { authenticateApiKey, authenticateBearer, keyForms, policyConditions, log, now } = parts;

  return async (event, deadline) => {
    const startedAt = now();
    const trace: Trace = { deadline, tableRequests: 0 };
    let request: AuthorizerRequest | undefined;
    try {
      request = readRequest(event);
      const decision = await decide(request, trace);
      const result = renderResult(decision, request, policyConditions);
      log.decided(decision, request, trace, startedAt);
      return result;
    } catch (error) {
      const fault = asFault(error);
      log.failed(fault, request ?? { sourceIp: undefined, requestId: undefined }, trace, startedAt);
      throw fault;
    }
  };

  function decide(request: AuthorizerRequest, trace: Trace): Decision | Promise<Decision> {
    if (isPreflight(request)) return { outcome: 'preflight' };

    const credentials = takeCredentials(request.authorization, keyForms);
    if ('outcome' in credentials) return credentials;

    trace.authMethod = credentials.kind === 'api_key' ? 'api_key' : 'bearer';
    return credentials.kind === 'api_key'
      ? authenticateApiKey(credentials.value, trace)
      : authenticateBearer(credentials.value, trace);
  }
}

/** With credentials, be they empty, an `OPTIONS` request is decided like any: its result may be cached for them. */
function isPreflight({ method, authorization }: AuthorizerRequest): boolean {
  return method === 'OPTIONS' && authorization.length === 0;
}
