import type { APIGatewayAuthorizerResult, Context } from 'aws-lambda';
import { fetchJwks } from '../bearer/fetch-jwks.ts';
import { parseConfig } from '../config/config.ts';
import { DECISION_MS, LAMBDA_MARGIN_MS, START_MS } from '../deadline.ts';
import { asFault } from '../fault.ts';
import { createLazyStore } from '../table/lazy-store.ts';
import { assemble } from './assemble.ts';
import type { Authorizer } from './authorizer.ts';
import { loadOnce } from './load-once.ts';
import { conditionsOffLine, createDecisionLog } from './observe/decision-log.ts';

const now = Date.now;
const writeLine = (line: string) => process.stdout.write(line);
const authorize = await start(process.env);

/**
 * The Lambda function: a REQUEST authorizer of API Gateway.
 *
 * @throws Fault when no decision can be made; API Gateway answers 503 then, as the template sets it.
 */
export async function handler(event: unknown, context: Context): Promise<APIGatewayAuthorizerResult> {
  const startedAt = now();
  const remaining = context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return authorize(event, startedAt + Math.min(DECISION_MS, remaining - LAMBDA_MARGIN_MS));
}

/**
 * Connects to the realm and to the table while Lambda gives the function all its CPU and no caller waits. What can't be
 * reached in time is left to the decisions that need it.
 *
 * A bad configuration fails every invocation rather than the start, which Lambda would retry and report by halves.
 */
async function start(env: NodeJS.ProcessEnv): Promise<Authorizer> {
  try {
    const config = parseConfig(env);
    if (config.policyConditions === 'off') writeLine(conditionsOffLine(now()));
    // What reads the table is most of the bundle: it is loaded while the realm's answer travels.
    const parts = { table: config.table, now };
    const load = loadOnce(async () => (await import('../table/open-store.ts')).openStore(parts));
    const store = createLazyStore(load, now);
    const { authorize, realmKeys } = assemble({ config, store, fetchJwks, writeLine, now, random: Math.random });
    await realmKeys.prefetch(now() + START_MS, config.tableAtStart);
    return authorize;
  } catch (error) {
    const fault = asFault(error);
    const log = createDecisionLog(writeLine, now);
    return async (_event, deadline) => {
      log.failed(fault, { sourceIp: undefined, requestId: undefined }, { deadline, tableRequests: 0 }, now());
      throw fault;
    };
  }
}
