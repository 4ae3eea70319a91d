import * as v from 'valibot';
import { requireVariables } from '../config/read-variables.ts';
import { SYNC_VARIABLES } from '../config/variables/sync.ts';
import type { Realm } from '../keycloak/realm.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { openTable, type Table } from '../table/table.ts';
import { asTableProblem } from './aws-problem.ts';
import { connectRealm } from './connect.ts';
import type { PassOptions, PassResult, SyncChange } from './pass.ts';
import { failedLine, passedLine } from './pass-log.ts';
import { sync } from './sync.ts';

const eventSchema = v.object({
  pass: v.picklist(['quick', 'full'], 'must be quick or full'),
  /** A fraction. For one invocation by hand, when the safety stop was wrong. */
  maxDisableShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

/** What of Lambda's context is read. */
interface Context {
  getRemainingTimeInMillis(): number;
}

/** How long before Lambda ends the function a full pass stops: what is in hand then ends, and is kept. */
const MARGIN_MS = 60_000;

const now = Date.now;

/** Kept between invocations: the realm for its token, which lasts for some passes, the table for its connections. */
let realm: Realm | undefined;
let table: Table | undefined;

/**
 * A scheduled Lambda function: one pass of `gatepass sync`. A quick pass goes on with a full one that the time of an
 * earlier invocation cut off.
 *
 * @param event `{ "pass": "quick" }` or `{ "pass": "full" }`.
 * @throws when the pass was stopped or failed, so that Lambda counts an error and its alarm rings.
 */
export async function handler(event: unknown, context?: Context): Promise<PassResult> {
  const endBy = context && now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const given = v.safeParse(eventSchema, event);
  const result = await logged(given.success ? given.output.pass : 'quick', (onChange) => {
    if (!given.success) throw new Error(`The event ${problemsOf(given.issues)}: give {"pass":"quick"} or "full".`);
    return makePass({ ...given.output, endBy, onChange });
  });
  const isCutOff = result.pass === 'quick' && result.pending.includes('full_pass_unfinished');
  if (isCutOff) await logged('full', (onChange) => makePass({ pass: 'full', endBy, onChange }));
  return result;
}

/** Writes the line of a pass, whichever way it ends. */
async function logged(
  pass: PassResult['pass'],
  make: (onChange: (change: SyncChange) => void) => Promise<PassResult>,
): Promise<PassResult> {
  const startedAt = now();
  const changes: SyncChange[] = [];
  try {
    const result = await make((change) => changes.push(change));
    process.stdout.write(passedLine(result, { startedAt, endedAt: now() }));
    return result;
  } catch (error) {
    // The secret may have been changed: it is read anew next time.
    if (error instanceof SyncError && error.code === 'realm_credentials') realm = undefined;
    process.stdout.write(failedLine(pass, error, changes, { startedAt, endedAt: now() }));
    throw error;
  }
}

async function makePass(options: PassOptions): Promise<PassResult> {
  const config = requireVariables(SYNC_VARIABLES, process.env);
  const { GATEPASS_TABLE: name, GATEPASS_USAGE_TABLE: usageName, GATEPASS_ISSUER: issuer } = config;
  realm ??= await connectRealm(config, now);
  table ??= openTable(name);
  const usage = usageName === undefined ? undefined : { ...table, name: usageName };
  const told = {
    accountCheck: config.GATEPASS_ACCOUNT_CHECK,
    goneDays: config.GATEPASS_SYNC_GONE_DAYS,
    maxTokenLifetime: config.GATEPASS_MAX_TOKEN_LIFETIME,
  };
  return sync({ realm, table, usage, issuer, now }, { ...options, ...told }).catch((error: unknown) => {
    throw asTableProblem(error, name);
  });
}

function problemsOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const problemOf = ({ input, message }: v.BaseIssue<unknown>) => (input === undefined ? 'is missing' : message);
  return issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${problemOf(issue)}`.trim()).join('; ');
}
