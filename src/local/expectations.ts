import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Invocation } from './local-function.ts';

const expectationSchema = v.strictObject({
  outcome: v.picklist(['allow', 'deny', 'preflight', 'fault']),
  /** The reason code of the decision log line. */
  reason: v.string(),
  /** A refusal's public answer (`denyError`). */
  error: v.optional(v.string()),
  /** The context that reaches the backend, whole. */
  context: v.optional(v.record(v.string(), v.string())),
  /** Every statement's resource must lie on this stage. */
  stage: v.optional(v.string()),
  /** Variables that differ from the demo's for this case. */
  with: v.optional(v.record(v.string(), v.string())),
  /** What must be out of order for this case to show. */
  broken: v.optional(v.picklist(['table', 'realm', 'configuration'])),
});

/** `events/expected.json`: what each event file must give. */
export const expectationsSchema = v.record(v.string(), expectationSchema);

export type Expectation = v.InferOutput<typeof expectationSchema>;

/** Nothing listens on the discard port of a machine that isn't from 1983. */
const NOWHERE = 'http://127.0.0.1:9';

/** What a case changes about the function's environment. */
export function environmentOf({ with: variables = {}, broken }: Expectation): Readonly<Record<string, string>> {
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

export interface Observed {
  readonly outcome: string;
  readonly reason: string;
}

/** What the function said of its decision in its log line. */
export function observe({ log }: Invocation): Observed {
  const line: unknown = JSON.parse(log.at(-1) ?? '{}');
  return v.parse(v.object({ outcome: v.string(), reason: v.string() }), line);
}

/** In what an invocation differs from what was expected of it; nothing if it doesn't. */
export function differences(expected: Expectation, invocation: Invocation): readonly string[] {
  const { result, error } = invocation;
  const observed = observe(invocation);
  const context = result?.context ?? {};
  const found: string[] = [];
  function compare(what: string, actual: unknown, wanted: unknown): void {
    if (isDeepStrictEqual(actual, wanted)) return;
    found.push(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)}`);
  }

  compare('the outcome', observed.outcome, expected.outcome);
  compare('the reason', observed.reason, expected.reason);
  compare('a fault thrown', error !== undefined, expected.outcome === 'fault');
  if (result === undefined) return found;

  compare('the policy', effectOf(result.policyDocument.Statement), expected.outcome);
  if (expected.error !== undefined) compare('denyError', context['denyError'], expected.error);
  if (expected.context !== undefined) compare('the context', context, expected.context);
  const { stage } = expected;
  if (stage !== undefined) {
    const resources = result.policyDocument.Statement.flatMap((one) => ('Resource' in one ? one.Resource : []));
    const elsewhere = resources.filter((resource) => !String(resource).startsWith(`${stage}/`));
    compare('the resources off the stage', elsewhere, []);
  }
  return found;
}

/** What a policy says, without asking the function: an Allow of the stage, of `OPTIONS` alone, or a refusal. */
function effectOf(statements: readonly { Effect: string; Resource?: unknown; Condition?: unknown }[]): string {
  const denies = statements.some(({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined);
  if (denies) return 'deny';
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow').map(({ Resource }) => String(Resource));
  return allowed.every((resource) => resource.endsWith('/OPTIONS/*')) ? 'preflight' : 'allow';
}
