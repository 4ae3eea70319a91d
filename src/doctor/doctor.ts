import type { Credentials } from '../authorizer/gateway/credentials.ts';
import { jwksUriOf } from '../config/config.ts';
import type { Environment } from '../config/read-variables.ts';
import type { Clock } from '../decision.ts';
import { readSettings } from '../table/settings.ts';
import type { Table } from '../table/table.ts';
import { type Check, type Result, runChecks, skipChecks } from './check.ts';
import { keyChecks } from './checks/api-key.ts';
import { clockChecks } from './checks/clocks.ts';
import { configurationChecks, readGiven, STAND_IN_CONFIG } from './checks/configuration.ts';
import { logoutChecks } from './checks/logout.ts';
import { pageChecks } from './checks/page.ts';
import { realmChecks } from './checks/realm.ts';
import { tableChecks } from './checks/table.ts';
import { tokenChecks } from './checks/token.ts';
import { readKey, readToken, type Surroundings } from './credential-facts.ts';
import { type LogoutClients, readLogoutFacts } from './logout-facts.ts';
import { type Page, startPage } from './page-facts.ts';
import { type AskRealm, type RealmFacts, startRealm } from './realm-facts.ts';

/** Everything that the doctor examines, in the report's order. docs/doctor.md explains each. */
export const DOCTOR_CHECKS: readonly Check<never>[] = [
  ...configurationChecks,
  ...realmChecks,
  ...pageChecks,
  ...logoutChecks,
  ...clockChecks,
  ...tableChecks,
  ...tokenChecks,
];

export interface DoctorParts {
  /** The authorizer's variables, as far as they are known. */
  readonly values: Environment;
  readonly table: Table | undefined;
  /** Is never shown, nor any part of it but single values of its header and claims. */
  readonly token: string | undefined;
  /** The self-service page, whose client in the realm is examined. */
  readonly page?: Page | undefined;
  /** The clients whose logouts the receiver hears of. */
  readonly logoutClients?: LogoutClients | undefined;
  readonly askRealm: AskRealm;
  readonly now: Clock;
}

/** The variable that holds the secret by which the realm's clients are asked for. */
const SECRET = 'GATEPASS_SYNC_CLIENT_SECRET';

/** How long an examination takes at most, in milliseconds. */
export const TOTAL_MS = 10_000;

/**
 * Examines the configuration, the realm, the table and a token, all at once, and writes nothing. Never rejects:
 * whatever fails is a finding.
 *
 * It asks from this machine with this machine's credentials. It can't see the function's own network and role.
 */
export async function examine(parts: DoctorParts, limitMs = TOTAL_MS): Promise<readonly Result[]> {
  const { values, table, token, page, logoutClients, askRealm, now } = parts;
  const given = readGiven(values);
  const realm = startGivenRealm(values, given.config?.jwksTimeoutMs ?? STAND_IN_CONFIG.jwksTimeoutMs, askRealm, now);
  const settings = table && readSettings(table, now);
  const isRealmTold = given.names.includes('GATEPASS_ISSUER') && given.names.includes('GATEPASS_AUDIENCE');
  const facts =
    token && realm && given.config && isRealmTold && readToken(token, realm, { config: given.config, table, now });
  const noToken =
    token === undefined ? 'No token is given (--token-stdin).' : 'It takes a valid issuer and audience to judge one.';
  const results = await Promise.all([
    runChecks(configurationChecks, given, limitMs),
    realm ? runChecks(realmChecks, realm, limitMs) : skipChecks(realmChecks, 'No issuer is given (--issuer).'),
    page && realm
      ? runChecks(pageChecks, startPage(page, realm), limitMs)
      : skipChecks(pageChecks, 'No page is given, or no issuer (--self-service-url, --issuer).'),
    logoutClients
      ? runChecks(logoutChecks, readLogoutFacts(logoutClients), limitMs)
      : skipChecks(logoutChecks, `No clients are given, or no secret to ask for them (--logout-clients, ${SECRET}).`),
    runChecks(clockChecks, { realm, table: settings }, limitMs),
    settings
      ? runChecks(tableChecks, settings, limitMs)
      : skipChecks(tableChecks, 'No table is given (--table or --local).'),
    facts ? runChecks(tokenChecks, facts, limitMs) : skipChecks(tokenChecks, noToken),
  ]);
  return results.flat();
}

/** Values that aren't valid are used too: the realm may show what is wrong with them, as a slash at the issuer's end. */
function startGivenRealm(
  values: Environment,
  timeoutMs: number,
  askRealm: AskRealm,
  now: Clock,
): RealmFacts | undefined {
  const [issuer, givenUri] = [values['GATEPASS_ISSUER'] || undefined, values['GATEPASS_JWKS_URI'] || undefined];
  const jwksUri = givenUri ?? (issuer && jwksUriOf(issuer.replace(/\/$/, '')));
  if (jwksUri === undefined) return undefined;
  return startRealm({ issuer, jwksUri, isJwksUriGiven: givenUri !== undefined, timeoutMs }, askRealm, now);
}

/** Goes through every check that the authorizer makes on a credential, by its own code. Writes nothing. */
export function explainCredentials(
  { kind, value }: Credentials,
  askRealm: AskRealm,
  surroundings: Surroundings,
): Promise<readonly Result[]> {
  if (kind === 'api_key') return runChecks(keyChecks, readKey(value, surroundings), TOTAL_MS);
  const { jwksUri, jwksTimeoutMs: timeoutMs } = surroundings.config;
  const realm = startRealm({ issuer: undefined, jwksUri, isJwksUriGiven: true, timeoutMs }, askRealm, surroundings.now);
  return runChecks(tokenChecks, readToken(value, realm, surroundings), TOTAL_MS);
}
