import * as v from 'valibot';
import type { Clock } from '../../decision.ts';
import type { Invocation } from '../local-function.ts';
import {
  type Effect,
  evaluatePolicy,
  joinVerdicts,
  type Policy,
  type PolicyRequest,
  policySchema,
} from './policy-evaluation.ts';

/** What the authorizer's verdict on one request is, and how it came about. */
export type Verdict = (
  | { readonly kind: 'allowed'; readonly context: Context }
  | { readonly kind: 'denied'; readonly context?: Context }
  | { readonly kind: 'unauthorized' | 'failure' | 'malformed' }
) & { readonly source: 'called' | 'cached' | 'not asked' } & Partial<Logged>;

/** What the function's own log line says: the reason code, and the causes of a fault. */
interface Logged {
  readonly reason: string | undefined;
  readonly fault: string | undefined;
}

export type Context = Readonly<Record<string, string>>;

export interface AuthorizerStepParts {
  readonly invoke: (event: object) => Promise<Invocation>;
  readonly now: Clock;
  readonly ttlSeconds: number;
  readonly resourcePolicy?: Policy | undefined;
}

export interface AuthorizerQuestion {
  /** The identity sources' values; empty when the authorizer has none. A missing or empty value is ''. */
  readonly identityValues: readonly string[];
  readonly request: Omit<PolicyRequest, 'now'>;
  readonly event: () => object;
}

interface Answer {
  readonly policy: Policy;
  readonly context: Context;
  readonly reason: string | undefined;
}

/** Results are strings by the time a backend sees them; anything but text, number or truth value fails the request. */
const resultSchema = v.object({
  principalId: v.string(),
  policyDocument: policySchema,
  context: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^\w+$/)), v.union([v.string(), v.number(), v.boolean()])),
    {},
  ),
});

/**
 * Does what API Gateway does between a request and its integration: asks the authorizer or takes its cached result, and
 * judges the request by that policy, each time anew.
 *
 * Results are cached by the values of the identity sources, across routes and methods; thrown errors and results that
 * can't be read are not. (The latter follows from AWS's wording; no AWS page says it outright.)
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createAuthorizerStep(parts: AuthorizerStepParts): (question: AuthorizerQuestion) => Promise<Verdict> {
  const { invoke, now, ttlSeconds, resourcePolicy } = parts;
  const cache = new Map<string, { readonly answer: Answer; readonly until: number }>();

  return async (question) => {
    const { identityValues, request, event } = question;
    if (resourceVerdict(request) === 'explicit_deny') return { kind: 'denied', source: 'not asked' };
    if (identityValues.includes('')) return { kind: 'unauthorized', source: 'not asked' };

    const remembered = recall(identityValues);
    if (remembered !== undefined) return judge(remembered, request, 'cached');

    const invocation = await invoke(event());
    const logged = readLog(invocation);
    if (invocation.error !== undefined) {
      const kind = invocation.error.message === 'Unauthorized' ? 'unauthorized' : 'failure';
      return { kind, source: 'called', ...logged };
    }
    const parsed = v.safeParse(resultSchema, invocation.result);
    if (!parsed.success) return { kind: 'malformed', source: 'called', ...logged };
    const { policyDocument, context, principalId } = parsed.output;
    const answer: Answer = {
      policy: policyDocument,
      context: toStrings({ ...context, principalId }),
      reason: logged.reason,
    };
    remember(identityValues, answer);
    return judge(answer, request, 'called');
  };

  function judge(answer: Answer, request: Omit<PolicyRequest, 'now'>, source: 'called' | 'cached'): Verdict {
    const own = evaluatePolicy(answer.policy, { ...request, now: now() });
    const verdict = joinVerdicts(own, resourceVerdict(request));
    const { context, reason } = answer;
    return verdict === 'allow'
      ? { kind: 'allowed', context, source, reason }
      : { kind: 'denied', context, source, reason };
  }

  function resourceVerdict(request: Omit<PolicyRequest, 'now'>): Effect {
    return resourcePolicy === undefined ? 'silence' : evaluatePolicy(resourcePolicy, { ...request, now: now() });
  }

  function recall(identityValues: readonly string[]): Answer | undefined {
    const entry = cache.get(JSON.stringify(identityValues));
    return entry !== undefined && now() < entry.until ? entry.answer : undefined;
  }

  function remember(identityValues: readonly string[], answer: Answer): void {
    if (ttlSeconds === 0 || identityValues.length === 0) return;
    const at = now();
    for (const [key, entry] of cache) if (entry.until <= at) cache.delete(key);
    cache.set(JSON.stringify(identityValues), { answer, until: at + ttlSeconds * 1000 });
  }
}

function toStrings(context: Readonly<Record<string, string | number | boolean>>): Context {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
}

const logSchema = v.object({ reason: v.string(), fault: v.optional(v.string()) });

function readLog({ log, error }: Invocation): Logged {
  try {
    const { reason, fault } = v.parse(logSchema, JSON.parse(log.at(-1) ?? ''));
    return { reason, fault };
  } catch {
    return { reason: undefined, fault: error && `${error.name}: ${error.message}` };
  }
}
