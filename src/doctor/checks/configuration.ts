import { parseConfig, readConfig } from '../../config/config.ts';
import { type Environment, formatProblem } from '../../config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../../config/variables/authorizer.ts';
import { COMMAND_VARIABLES } from '../../config/variables/commands.ts';
import { LOGOUT_VARIABLES } from '../../config/variables/logout.ts';
import { SYNC_VARIABLES } from '../../config/variables/sync.ts';
import { USAGE_VARIABLES } from '../../config/variables/usage.ts';
import { type Check, check, ok, problem, skip, warning } from '../check.ts';

/** Stand in for what the function needs and a command wasn't given, so that what was given can be judged. */
const STAND_INS = {
  GATEPASS_TABLE: 'not-given',
  GATEPASS_ISSUER: 'https://not-given.invalid/realms/not-given',
  GATEPASS_AUDIENCE: '*',
} as const;

/** What holds where the given values are not valid. */
export const STAND_IN_CONFIG = parseConfig(STAND_INS);

export type GivenConfiguration = ReturnType<typeof readGiven>;

/**
 * Reads the authorizer's variables as a command was given them, and judges them as the function does when it starts: all
 * problems at once. An empty value is not given. Without problems there is a configuration, in which what isn't given is
 * a stand-in: see `names`.
 */
export function readGiven(values: Environment) {
  const given = Object.entries(values).filter(([name, value]) => value && !isOfAnotherPart(name));
  const read = readConfig({ ...STAND_INS, ...Object.fromEntries(given) });
  const names = given.map(([name]) => name);
  return 'config' in read ? { names, config: read.config } : { names, problems: read.problems };
}

/** A shell has variables for the other functions and the commands too, which are not misspelt. */
function isOfAnotherPart(name: string): boolean {
  const isKnown = [SYNC_VARIABLES, USAGE_VARIABLES, LOGOUT_VARIABLES, COMMAND_VARIABLES].some(
    (variables) => name in variables,
  );
  return isKnown && !(name in AUTHORIZER_VARIABLES);
}

const OF_REALM = ['GATEPASS_ISSUER', 'GATEPASS_AUDIENCE', 'GATEPASS_CLIENTS', 'GATEPASS_JWKS_URI'];

export const configurationChecks: readonly Check<GivenConfiguration>[] = [
  check('configuration.values', 'The given GATEPASS_* values are valid', (given) => {
    const { names } = given;
    if (given.problems !== undefined) {
      return problem`${given.problems.map(formatProblem).join('\n')} → Correct them where the function gets them; until then it
        answers every request with 503.`;
    }
    const missing = ['GATEPASS_ISSUER', 'GATEPASS_AUDIENCE'].filter((name) => !names.includes(name));
    // A table alone, or a realm alone, is a question of its own; half a realm is more likely an oversight.
    const isWhole = missing.length === 0 || !names.some((name) => OF_REALM.includes(name));
    if (isWhole) return ok`${names.join(', ')}: valid.`;
    return warning`${names.join(', ')}: valid, but ${missing.join(' and ')} is not given, so not all of the realm was
      examined. → Give this command the same values as the function, which does not work without them.`;
  }),
  check('configuration.audience', 'Tokens are limited to those that are meant for this API', ({ names, config }) => {
    const { audience, clients } = config ?? {};
    if (audience === undefined || clients === undefined || !names.includes('GATEPASS_AUDIENCE')) {
      return skip`No audience is given, or the values are not valid.`;
    }
    if (clients !== 'any') return ok`Only tokens of ${clients.join(', ')} are accepted.`;
    if (audience === 'any') {
      return warning`Any audience and any client: every access token of the realm is accepted, whatever it was meant for.
        → Set GATEPASS_AUDIENCE to your API, or GATEPASS_CLIENTS to the clients that may call it.`;
    }
    // Keycloak writes it into the token of every user with default roles, whichever client asked for it.
    if (!audience.includes('account')) return ok`Only tokens for ${audience.join(', ')} are accepted.`;
    return warning`The audience account is in the token of nearly every user and client of a Keycloak realm.
      → Add an audience mapper for your API, and set GATEPASS_AUDIENCE to that; or limit GATEPASS_CLIENTS.`;
  }),
  check('configuration.policy_conditions', 'A kept Allow ends with its token, key or grace', ({ config }) => {
    if (config === undefined) return skip`The values are not valid.`;
    if (config.policyConditions === 'on')
      return ok`Policies have conditions. Whether a stage evaluates them, npm run smoke tells.`;
    return warning`Policies have no conditions: a kept Allow may outlive its token, key or grace by the TTL of the API's
      authorizer, and keys with allowed networks are refused. → Set GATEPASS_POLICY_CONDITIONS to on where npm run smoke
      finds that the stage evaluates them; else keep the TTL at 60 s or less.`;
  }),
];
