import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { parseJwks } from '../bearer/jwks.ts';
import { formatProblems, readVariables, type Values } from '../config/read-variables.ts';
import { SYNC_VARIABLES } from '../config/variables/sync.ts';
import { createKeycloakRealm } from '../keycloak/keycloak-realm.ts';
import type { Realm } from '../keycloak/realm.ts';
import { realmAddress } from '../keycloak/realm-address.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { openTable, type Table } from '../table/table.ts';
import type { PassResult } from './pass.ts';
import { failedLine, passedLine } from './pass-log.ts';
import { sync } from './sync.ts';

const eventSchema = v.object({
  pass: v.picklist(['quick', 'full'], 'must be quick or full'),
  /** A fraction. For one invocation by hand, when the safety stop was wrong. */
  maxDisableShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

const now = Date.now;

/** Kept between invocations: the realm for its token, which lasts for some passes, the table for its connections. */
let realm: Realm | undefined;
let table: Table | undefined;

/**
 * A scheduled Lambda function: one pass of `gatepass sync`.
 *
 * @param event `{ "pass": "quick" }` or `{ "pass": "full" }`.
 * @throws when the pass was stopped or failed, so that Lambda counts an error and its alarm rings.
 */
export async function handler(event: unknown): Promise<PassResult> {
  const startedAt = now();
  const given = v.safeParse(eventSchema, event);
  try {
    if (!given.success) throw new Error(`The event ${problemsOf(given.issues)}: give {"pass":"quick"} or "full".`);
    const result = await makePass(given.output);
    process.stdout.write(passedLine(result, startedAt, now()));
    return result;
  } catch (error) {
    // The secret may have been changed: it is read anew next time.
    if (error instanceof SyncError && error.code === 'realm_credentials') realm = undefined;
    process.stdout.write(failedLine(given.success ? given.output.pass : 'quick', error, startedAt, now()));
    throw error;
  }
}

async function makePass(options: v.InferOutput<typeof eventSchema>): Promise<PassResult> {
  const read = readVariables(SYNC_VARIABLES, process.env);
  if ('problems' in read) throw new Error(formatProblems(read.problems));
  const config = read.values;
  realm ??= await connect(config);
  table ??= openTable(config.GATEPASS_TABLE);
  return sync({ realm, table, issuer: config.GATEPASS_ISSUER, now, parseJwks }, options);
}

async function connect(config: Values<typeof SYNC_VARIABLES>): Promise<Realm> {
  const { GATEPASS_ISSUER: issuer, GATEPASS_SYNC_ADMIN_URL: adminUrl, GATEPASS_SYNC_CLIENT_ID: clientId } = config;
  const address = realmAddress(issuer, adminUrl);
  const SecretId = config.GATEPASS_SYNC_SECRET;
  const { SecretString } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId }));
  const clientSecret = SecretString?.trim();
  if (!clientSecret)
    throw new Error(`The secret ${SecretId} is empty: put the secret of ${clientId} in, as plain text.`);
  return createKeycloakRealm(address, { clientId, clientSecret }, now);
}

function problemsOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const problemOf = ({ input, message }: v.BaseIssue<unknown>) => (input === undefined ? 'is missing' : message);
  return issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${problemOf(issue)}`.trim()).join('; ');
}
