import * as v from 'valibot';
import type { Api } from '../../../src/local/gateway/api.ts';
import type { RequestLine } from '../../../src/local/gateway/gateway.ts';
import { policySchema } from '../../../src/local/gateway/policy-evaluation.ts';
import { createMovedClock, SECOND } from '../../support/moved-clock.ts';
import { judge } from '../../support/policy-evaluator.ts';
import type { Realm } from '../../support/realm.ts';
import { deployedApi, withProtectedOptions } from './api.ts';
import type { Cast } from './cast.ts';
import { bodyOf, createClient } from './client.ts';
import { createGatepass } from './gatepass.ts';
import type { TableState } from './memory-table.ts';
import { policyOf, STAGE_ARN, statement } from './results.ts';
import type { Step } from './sequences.ts';

export interface World {
  readonly ttl: number;
  /** Whether a resource policy allows everything. */
  readonly isAllowedByResourcePolicy: boolean;
  /** Whether the authorizer is on `OPTIONS` too. */
  readonly hasProtectedOptions: boolean;
  /** `GATEPASS_POLICY_CONDITIONS`. */
  readonly conditions?: 'on' | 'off';
}

/** What became of a request: `allowed as user-ada`, `refused: invalid_token`, `fault`, or one of the two below. */
type Outcome = string;

/** An `OPTIONS` request of nobody: without credentials, or with credentials that are refused on any other method. */
export const LET_THROUGH = 'let through to OPTIONS';
const NO_ROUTE = 'no route';

export interface Observation {
  readonly step: Step;
  readonly got: Outcome;
  readonly source: 'called' | 'cached' | 'not asked';
  /** What a call of this very moment would have come to. */
  readonly fresh: Outcome;
  /** As `fresh`, with the table as it was when the authorizer was last asked about this value, within the TTL. */
  readonly freshByTablesOfTheTtl: readonly Outcome[];
  /** What this request would have come to at those moments. */
  readonly earlier: readonly Outcome[];
}

interface Call {
  readonly value: string;
  readonly moment: number;
  readonly table: TableState;
}

const ALLOW_EVERYTHING = v.parse(policySchema, policyOf(statement('Allow', 'execute-api:/*')));

/** Sends a sequence through a gateway, and asks an authorizer of its own what a fresh call would have come to. */
export async function play(
  world: World,
  steps: readonly Step[],
  { cast, realm, startMs }: { readonly cast: Cast; readonly realm: Realm; readonly startMs: number },
): Promise<readonly Observation[]> {
  const clock = createMovedClock(startMs);
  let table = cast.table;
  let value = '';
  const calls: Call[] = [];
  const gatepass = createGatepass({ now: clock.now, realm, table: () => table, conditions: world.conditions });
  const client = createClient({
    api: apiOf(world),
    clock,
    resourcePolicy: world.isAllowedByResourcePolicy ? ALLOW_EVERYTHING : undefined,
    invoke(event) {
      calls.push({ value, moment: clock.now(), table });
      return gatepass(event);
    },
  });
  const freshCall = createOracle(world, cast, realm);

  const observations: Observation[] = [];
  for (const step of steps) {
    clock.advance(step.wait);
    if (step.change !== undefined) table = cast.changes[step.change](table, clock.now());
    const now = clock.now();
    value = step.credential;
    const { method, path, sourceIp } = step;
    const headers = cast.credentials[step.credential].map((one) => ['Authorization', one] as const);
    const response = await client.send({ method, path, sourceIp, headers });
    const verdict = client.lines.at(-1)?.verdict;
    const recent = calls.filter((call) => call.value === value && now - call.moment < world.ttl * SECOND);
    const ask = (moments: readonly Call[], at: (call: Call) => number) =>
      Promise.all(moments.map((call) => freshCall(step, at(call), call.table)));
    const fresh = await freshCall(step, now, table);
    const got = describe(response, verdict);
    const isExplained = got === fresh;
    observations.push({
      ...{ step, got, fresh, source: verdict?.source ?? 'not asked' },
      freshByTablesOfTheTtl: isExplained ? [] : await ask(recent, () => now),
      earlier: isExplained ? [] : await ask(recent, ({ moment }) => moment),
    });
  }
  return observations;
}

/** The template's API without the bodies of its backend, which would take most of the time. */
function apiOf({ ttl, hasProtectedOptions }: World): Api {
  const api = deployedApi({ ttl });
  const routes = api.routes.map((route) => {
    if (route.integration.type !== 'mock') return route;
    const { default: response } = route.integration.responses;
    const responses = { default: { ...response, responseTemplates: {} } };
    return { ...route, integration: { ...route.integration, responses } };
  });
  return hasProtectedOptions ? withProtectedOptions({ ...api, routes }) : { ...api, routes };
}

type Response = Awaited<ReturnType<ReturnType<typeof createClient>['send']>>;

function describe(response: Response, verdict: RequestLine['verdict']): Outcome {
  if (response.status === 200 || response.status === 204) {
    return verdict?.kind === 'allowed' ? allowedAs(verdict.context['principalId']) : LET_THROUGH;
  }
  if (response.status === 403) return NO_ROUTE;
  if (response.status === 503) return 'fault';
  const { error } = v.parse(v.object({ error: v.string() }), bodyOf(response));
  return `refused: ${error}`;
}

function allowedAs(principalId: string | undefined): Outcome {
  return principalId === 'anonymous' ? LET_THROUGH : `allowed as ${principalId}`;
}

/**
 * What one call would come to, by rules of its own: AWS's table A for a resource policy that allows, the policy judged
 * by another evaluator than the gateway's, and an authorizer that never sees the gateway.
 */
function createOracle(
  world: World,
  cast: Cast,
  realm: Realm,
): (step: Step, moment: number, table: TableState) => Promise<Outcome> {
  const clock = createMovedClock();
  let table = cast.table;
  const gatepass = createGatepass({ now: clock.now, realm, table: () => table, conditions: world.conditions });

  return async (step, moment, tableThen) => {
    const { credential, method, path, sourceIp } = step;
    const values = cast.credentials[credential];
    const unasked = withoutAsking(world, step, values);
    if (unasked !== undefined) return unasked;

    clock.moveTo(moment);
    table = tableThen;
    const arn = `${STAGE_ARN}/${method}${path.slice('/prod'.length)}`;
    const { result } = await gatepass({
      type: 'REQUEST',
      methodArn: arn,
      multiValueHeaders: { Authorization: values },
      requestContext: { identity: { sourceIp } },
    });
    if (result === undefined) return 'fault';
    const verdict = judge(result.policyDocument, { arn, now: moment, sourceIp });
    const isAllowed = world.isAllowedByResourcePolicy ? verdict !== 'explicit deny' : verdict === 'allow';
    return isAllowed ? allowedAs(result.principalId) : `refused: ${result.context?.['denyError']}`;
  };
}

/** What API Gateway answers by itself. */
function withoutAsking(world: World, { method, path }: Step, values: readonly string[]): Outcome | undefined {
  if (!path.startsWith('/prod/api/v1/')) return NO_ROUTE;
  if (path === '/prod/api/v1/whoami' && method !== 'GET' && method !== 'OPTIONS') return NO_ROUTE;
  if (method === 'OPTIONS' && !world.hasProtectedOptions) return LET_THROUGH;
  const hasIdentity = values.join('').trim() !== '';
  return world.ttl > 0 && !hasIdentity ? 'refused: missing_authorization' : undefined;
}
