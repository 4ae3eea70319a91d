import { type Config, readConfig } from '../../config/config.ts';
import { formatProblem } from '../../config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../../config/variables/authorizer.ts';
import { COMMAND_VARIABLES } from '../../config/variables/commands.ts';
import { SYNC_VARIABLES } from '../../config/variables/sync.ts';
import { ok, problem, type Verdict, warning } from '../check.ts';

/** The `GATEPASS_*` values to examine, from options and environment; what is empty is not given. */
export type GivenValues = Readonly<Record<string, string | undefined>>;

/** Stand in for what the function needs and this run wasn't given, so that what was given can be judged. */
const STAND_INS = {
  GATEPASS_TABLE: 'not-given',
  GATEPASS_ISSUER: 'https://not-given.invalid/realms/not-given',
  GATEPASS_AUDIENCE: '*',
} as const;

export interface ExaminedConfiguration {
  readonly verdict: Verdict;
  /** Absent if the values aren't valid. What wasn't given is a stand-in there: ask the values, too. */
  readonly config: Config | undefined;
}

/** Judges the values as the function does when it starts: all problems at once. */
export function examineConfiguration(given: GivenValues): ExaminedConfiguration {
  const values = Object.fromEntries(Object.entries(given).filter(([name, value]) => value && !isOfAnotherPart(name)));
  const read = readConfig({ ...STAND_INS, ...values });
  if ('config' in read) return { verdict: describeGiven(values), config: read.config };
  const todo = 'Correct them where the function gets them; until then it answers every request with 503.';
  return { verdict: problem(read.problems.map(formatProblem).join('\n'), todo), config: undefined };
}

/** A shell has variables for the sync and its command too, which are no slips. */
function isOfAnotherPart(name: string): boolean {
  return (name in SYNC_VARIABLES || name in COMMAND_VARIABLES) && !(name in AUTHORIZER_VARIABLES);
}

/** A table alone, or a realm alone, is a question of its own; a realm by halves is more likely an oversight. */
function describeGiven(values: Readonly<Record<string, unknown>>): Verdict {
  const isGiven = (name: keyof typeof STAND_INS) => name in values;
  const names = Object.keys(values).join(', ');
  const lacking = (['GATEPASS_ISSUER', 'GATEPASS_AUDIENCE'] as const).filter((name) => !isGiven(name));
  const isAboutRealm = Object.keys(values).some((name) => REALM_VALUES.includes(name));
  if (isAboutRealm && lacking.length > 0) {
    return warning(
      `${names}: valid, but ${lacking.join(' and ')} is not given, so not all of the realm was examined.`,
      'Give this command the same values as the function, which does not work without them.',
    );
  }
  return ok(`${names}: valid.`);
}

const REALM_VALUES: readonly string[] = [
  'GATEPASS_ISSUER',
  'GATEPASS_AUDIENCE',
  'GATEPASS_CLIENTS',
  'GATEPASS_JWKS_URI',
];

/** Keycloak writes `account` into the token of every user with default roles, whichever client asked for it. */
const EVERYBODYS_AUDIENCE = 'account';

export function checkAudienceValue({ audience, clients }: Config): Verdict {
  if (clients !== 'any') return ok(`Only tokens of ${clients.join(', ')} are accepted.`);
  if (audience === 'any') {
    return warning(
      'Any audience and any client: every access token of the realm is accepted, whatever it was meant for.',
      'Set GATEPASS_AUDIENCE to your API, or GATEPASS_CLIENTS to the clients that may call it.',
    );
  }
  if (audience.includes(EVERYBODYS_AUDIENCE)) {
    return warning(
      `The audience ${EVERYBODYS_AUDIENCE} is in the token of nearly every user and client of a Keycloak realm.`,
      'Add an audience mapper for your API, and set GATEPASS_AUDIENCE to that; or limit GATEPASS_CLIENTS.',
    );
  }
  return ok(`Only tokens for ${audience.join(', ')} are accepted.`);
}
