import type { Table } from '../admin/table.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import { createStore } from '../table/store.ts';
import { type Asked, ask, type Fetch } from './ask.ts';
import { askTable } from './ask-table.ts';
import { checkClock, type ShownClock } from './clock.ts';
import { checkAudienceValue, examineConfiguration, type GivenValues } from './configuration.ts';
import { type CheckId, type Finding, problem, QUESTIONS, skipped, type Verdict } from './finding.ts';
import { checkSameKeys, checkSigningKey, readKeys } from './key-set.ts';
import {
  checkAlgorithm,
  checkDiscovery,
  checkHttps,
  checkJwksAddress,
  checkJwksAnswer,
  defaultJwksUri,
  discoveryUrl,
  readDiscovery,
} from './realm.ts';
import {
  checkBilling,
  checkDeletionProtection,
  checkExists,
  checkKeySchema,
  checkPointInTimeRecovery,
  checkRead,
  checkTimeToLive,
} from './table.ts';
import { examineToken, type TokenCheckId } from './token.ts';
import { within } from './within.ts';

export interface DoctorParts {
  readonly values: GivenValues;
  readonly table: Table | undefined;
  /** Is never shown, nor any part of it but single values of its header and claims. */
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly now: Clock;
}

type Checks<Id extends CheckId> = { readonly [id in Id]: Promise<Verdict> };
type Group<Name extends string> = Extract<CheckId, `${Name}.${string}`>;

/** When it is all over, answered or not. */
export const TOTAL_MS = 10_000;

/**
 * Asks the live parts what will bite, all at once, and writes nothing. Never rejects: whatever fails is a finding.
 *
 * Asks from here, with the credentials of here: what the function's own network and role are like, it can't tell.
 */
export async function examine(parts: DoctorParts, limitMs = TOTAL_MS): Promise<readonly Finding[]> {
  const checks: Checks<CheckId> = startChecks(parts);
  // Object.keys() is typed for objects of which more may be there than is known.
  const ids = Object.keys(QUESTIONS) as CheckId[];
  return Promise.all(
    ids.map(async (id) => ({ id, question: QUESTIONS[id], ...(await conclude(checks[id], limitMs)) })),
  );
}

async function conclude(check: Promise<Verdict>, limitMs: number): Promise<Verdict> {
  try {
    return await within(limitMs, () => check);
  } catch (error) {
    if (error instanceof Fault && error.reason === 'fault.deadline') {
      return problem(`No answer within ${limitMs / 1000} s.`, 'Look at the network between here and there.');
    }
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return problem(`The check itself failed: ${name}: ${message}`, 'Report it, with this line.');
  }
}

function startChecks(parts: DoctorParts): Checks<CheckId> {
  const { verdict, config } = examineConfiguration(parts.values);
  const realm = askRealm(parts);
  return {
    'configuration.values': Promise.resolve(verdict),
    'configuration.audience': Promise.resolve(
      config && parts.values['GATEPASS_AUDIENCE']
        ? checkAudienceValue(config)
        : skipped('No audience is given, or the values are not valid.'),
    ),
    ...realm.checks,
    ...startTableChecks(parts),
    ...startTokenChecks(parts, config, realm.jwks),
  };
}

type RealmChecks = Checks<Group<'realm'> | 'clock.realm'>;

function askRealm({ values, fetch, now }: DoctorParts): {
  readonly checks: RealmChecks;
  readonly jwks: Promise<Asked> | undefined;
} {
  const issuer = values['GATEPASS_ISSUER'] || undefined;
  const configuredUri = values['GATEPASS_JWKS_URI'] || undefined;
  const uri = configuredUri ?? (issuer && defaultJwksUri(issuer));
  const discovery = issuer === undefined ? undefined : ask(discoveryUrl(issuer), fetch, now);
  const jwks = uri === undefined ? undefined : ask(uri, fetch, now);

  const without = Promise.resolve(skipped('No issuer is given (--issuer).'));
  const withIssuer = async (check: (asked: Asked, issuer: string) => Verdict | Promise<Verdict>) =>
    discovery === undefined || issuer === undefined ? without : check(await discovery, issuer);

  async function checkJwksUri(asked: Asked, used: string): Promise<Verdict> {
    const outside = checkJwksAnswer(asked);
    const keys = readKeys(asked);
    const described = discovery && readDiscovery(await discovery);
    if (outside.severity === 'problem' || keys === undefined) return outside;
    if (configuredUri === undefined) return checkJwksAddress(used, described) ?? outside;
    const own = described?.jwksUri;
    if (typeof own !== 'string' || own === used) return outside;
    return checkSameKeys(keys, readKeys(await ask(own, fetch, now))) ?? outside;
  }

  return {
    jwks,
    checks: {
      'realm.https': uri === undefined ? without : Promise.resolve(checkHttps(issuer ? [issuer, uri] : [uri])),
      'realm.discovery': withIssuer((asked, name) => checkDiscovery(asked, name, configuredUri === undefined)),
      'realm.algorithm': withIssuer((asked) => checkAlgorithm(readDiscovery(asked))),
      'realm.jwks_uri': jwks && uri ? jwks.then((asked) => checkJwksUri(asked, uri)) : without,
      'realm.signing_key': jwks ? jwks.then((asked) => checkSigningKey(asked, readKeys(asked))) : without,
      'clock.realm': jwks === undefined ? without : checkRealmClock([discovery, jwks]),
    },
  };
}

/** By whichever answer shows a clock: Keycloak itself sends no `Date`, what stands before it mostly does. */
async function checkRealmClock(asked: readonly (Promise<Asked> | undefined)[]): Promise<Verdict> {
  const clocks = (await Promise.all(asked)).flatMap((one): ShownClock[] => {
    if (one === undefined || 'failure' in one) return [];
    const header = (name: string) => one.headers.get(name) ?? undefined;
    return [{ date: header('date'), age: header('age'), sentAt: one.sentAt, answeredAt: one.answeredAt }];
  });
  const shownClock = clocks.find(({ date }) => date !== undefined);
  if (clocks.length === 0) return skipped('The realm did not answer.');
  if (shownClock === undefined) {
    return skipped(
      'Keycloak sends no Date header, and nothing before it adds one. A new token shows its clock (--token-stdin).',
    );
  }
  const todo = 'Set the clock that is wrong by NTP: this machine’s if the table’s differs too, else the realm’s.';
  return checkClock("The realm's", shownClock, todo);
}

function startTableChecks({ table, now }: DoctorParts): Checks<Group<'table'> | 'clock.table'> {
  const answers = table && askTable(table, now);
  const name = table?.name ?? '';
  const without = skipped('No table is given (--table or --local).');
  const check = async (judge: (asked: Awaited<ReturnType<typeof askTable>>) => Verdict) =>
    answers === undefined ? without : judge(await answers);
  return {
    'clock.table': check(({ clock }) => {
      if (clock === undefined) return skipped('The table did not answer.');
      return checkClock("The table's", clock, 'Set this machine’s clock by NTP: those of AWS are right.');
    }),
    'table.exists': check(checkExists),
    'table.key_schema': check(checkKeySchema),
    'table.read': check(checkRead),
    'table.ttl': check((asked) => checkTimeToLive(asked, name)),
    'table.point_in_time_recovery': check((asked) => checkPointInTimeRecovery(asked, name)),
    'table.deletion_protection': check((asked) => checkDeletionProtection(asked, name)),
    'table.billing': check(checkBilling),
  };
}

function startTokenChecks(
  { values, table, token, now }: DoctorParts,
  config: Config | undefined,
  jwks: Promise<Asked> | undefined,
): Checks<TokenCheckId> {
  const isTold = Boolean(values['GATEPASS_ISSUER'] && values['GATEPASS_AUDIENCE']);
  const examined =
    token === undefined || config === undefined || !isTold
      ? undefined
      : (async () => {
          const keys = jwks && readKeys(await jwks)?.set;
          const store = table && createStore({ client: table.client, table: table.name, now });
          return examineToken(token, { keys, config, store, now });
        })();
  const why =
    token === undefined ? 'No token is given (--token-stdin).' : 'It takes a valid issuer and audience to judge one.';
  const verdictOn = async (id: TokenCheckId) => (await examined)?.[id] ?? skipped(why);
  return {
    'token.decision': verdictOn('token.decision'),
    'token.shape': verdictOn('token.shape'),
    'token.alg': verdictOn('token.alg'),
    'token.iss': verdictOn('token.iss'),
    'token.kid': verdictOn('token.kid'),
    'token.signature': verdictOn('token.signature'),
    'token.times': verdictOn('token.times'),
    'token.typ': verdictOn('token.typ'),
    'token.sub': verdictOn('token.sub'),
    'token.aud': verdictOn('token.aud'),
    'token.azp': verdictOn('token.azp'),
    'token.cnf': verdictOn('token.cnf'),
  };
}
