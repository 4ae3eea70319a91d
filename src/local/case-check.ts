import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Case } from './cases.ts';
import type { Invocation } from './local-function.ts';

/** The discard port, where nothing listens today. */
const NOWHERE = 'http://127.0.0.1:9';

/** The variables by which the function's environment differs for a case. */
export function variablesOf({ with: variables, broken }: Case): Readonly<Record<string, string>> {
  switch (broken) {
    case 'table':
      return { ...variables, AWS_ENDPOINT_URL_DYNAMODB: NOWHERE };
    case 'realm':
      return { ...variables, GATEPASS_JWKS_URI: `${NOWHERE}/certs` };
    case 'configuration':
      return { ...variables, GATEPASS_AUDIENCE: '' };
    case undefined:
      return variables;
  }
}

export interface LoggedDecision {
  readonly outcome: string;
  readonly reason: string;
}

/** What the function wrote of its decision in its log line; an instance that was cut off wrote none. */
export function decisionOf({ log, error }: Invocation): LoggedDecision {
  const line = log.at(-1);
  if (line === undefined) return { outcome: 'fault', reason: error?.name ?? 'none' };
  return v.parse(v.object({ outcome: v.string(), reason: v.string() }), JSON.parse(line));
}

/** In what an invocation differs from what its case expects; empty if it does not. */
export function findDifferences(expected: Case, event: unknown, invocation: Invocation): readonly string[] {
  const { result, error } = invocation;
  const decision = decisionOf(invocation);
  const context = result?.context ?? {};
  const found: string[] = [];
  function compare(what: string, actual: unknown, wanted: unknown): void {
    if (isDeepStrictEqual(actual, wanted)) return;
    found.push(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)}`);
  }

  compare('the outcome', decision.outcome, expected.outcome);
  compare('the reason', decision.reason, expected.reason);
  compare('a fault thrown', error !== undefined, expected.outcome === 'fault');
  if (result === undefined) return found;

  const { Statement: statements } = result.policyDocument;
  compare('the policy', effectOf(statements), expected.outcome);
  if (expected.error !== undefined) compare('denyError', context['denyError'], expected.error);
  if (expected.context !== undefined) compare('the context', context, expected.context);
  const resources = statements.flatMap((statement) => ('Resource' in statement ? statement.Resource : [])).map(String);
  const stage = stageOf(event);
  compare(
    'the resources off the stage',
    resources.filter((resource) => !resource.startsWith(stage)),
    [],
  );
  return found;
}

/** What every resource of the policy must start with: the event's ARN up to the stage. */
function stageOf(event: unknown): string {
  const { methodArn, routeArn } = v.parse(arnsSchema, event);
  const [api, stage] = (methodArn ?? routeArn ?? '').split('/');
  return `${api}/${stage}/`;
}

const arnsSchema = v.object({ methodArn: v.optional(v.string()), routeArn: v.optional(v.string()) });

/** The outcome that a policy stands for: an Allow of the stage, an Allow of `OPTIONS` alone, or a refusal. */
function effectOf(statements: readonly { Effect: string; Resource?: unknown; Condition?: unknown }[]): string {
  const denies = statements.some(({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined);
  if (denies) return 'deny';
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow').map(({ Resource }) => String(Resource));
  return allowed.every((resource) => resource.endsWith('/OPTIONS/*')) ? 'preflight' : 'allow';
}
