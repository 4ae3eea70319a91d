import type { Invocation } from '../../../src/local/local-function.ts';
import type { StageOptions } from './local-stage.ts';

export type Result = NonNullable<Invocation['result']>;

/** An authorizer whose results are changed on their way. */
export function changed(change: (result: Result, event: object) => Result): NonNullable<StageOptions['invoke']> {
  return (invoke) => async (event) => {
    const invocation = await invoke(event);
    return invocation.result ? { ...invocation, result: change(invocation.result, event) } : invocation;
  };
}

export function withStatements(result: Result, change: (statement: object) => object): Result {
  const { policyDocument } = result;
  const statements = policyDocument.Statement.map((statement) => ({ ...statement, ...change(statement) }));
  return { ...result, policyDocument: { ...policyDocument, Statement: statements } };
}
