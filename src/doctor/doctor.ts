import type { Config } from '../config/config.ts';
import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import { createStore } from '../table/store.ts';
import type { Table } from '../table/table.ts';
import type { Asked, Fetch } from './ask.ts';
import { askTable } from './ask-table.ts';
import {
  type CheckId,
  type Checks,
  type Finding,
  type Group,
  problem,
  QUESTIONS,
  skipped,
  type Verdict,
} from './check.ts';
import { checkClock } from './checks/clocks.ts';
import { checkAudienceValue, examineConfiguration, type GivenValues } from './checks/configuration.ts';
import { startRealmChecks } from './checks/examine-realm.ts';
import { readKeys } from './checks/realm-keys.ts';
import {
  checkBilling,
  checkDeletionProtection,
  checkExists,
  checkKeySchema,
  checkPointInTimeRecovery,
  checkRead,
  checkTimeToLive,
} from './checks/table.ts';
import { examineToken } from './checks/token.ts';
import { within } from './within.ts';

export interface DoctorParts {
  readonly values: GivenValues;
  readonly table: Table | undefined;
  /** Is never shown, nor any part of it but single values of its header and claims. */
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly now: Clock;
}

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
  const realm = startRealmChecks(parts);
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
): Checks<Group<'token'>> {
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
  const verdictOn = async (id: Group<'token'>) => (await examined)?.[id] ?? skipped(why);
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
