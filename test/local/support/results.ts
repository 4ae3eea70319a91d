/** `arn:…/<stage>` of the gateway under test. */
export const STAGE_ARN = 'arn:aws:execute-api:eu-west-1:123456789012:local/prod';

export function statement(effect: 'Allow' | 'Deny', resource: string | readonly string[], condition?: object): object {
  const base = { Action: 'execute-api:Invoke', Effect: effect, Resource: resource };
  return condition === undefined ? base : { ...base, Condition: condition };
}

export function policyOf(...statements: readonly object[]): object {
  return { Version: '2012-10-17', Statement: statements };
}

/** What an authorizer answers that allows the whole stage, or what the statements say; the backend reads the user. */
export function allowing(context: object = {}, ...statements: readonly object[]): object {
  const policyDocument = policyOf(...(statements.length > 0 ? statements : [statement('Allow', `${STAGE_ARN}/*`)]));
  return { principalId: 'user-42', policyDocument, context: { userId: 'user-42', ...context } };
}

/** What an authorizer answers that denies the whole stage. */
export function denying(context: object = {}): object {
  return { principalId: 'anonymous', policyDocument: policyOf(statement('Deny', `${STAGE_ARN}/*`)), context };
}
