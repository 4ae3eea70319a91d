import { type Environment, formatProblem } from '../config/read-variables.ts';
import { readGiven } from '../doctor/checks/configuration.ts';

/** Values of the template's parameters, by their names. */
export type Parameters = Readonly<Record<string, string>>;

/** What `init` has to know before it writes. */
export interface Answers {
  readonly stack: string;
  /** Without one SAM takes the AWS CLI's. */
  readonly region: string | undefined;
  readonly parameters: Parameters;
}

/** The template's parameter for each variable of the authorizer, but for the table, which the stack makes. */
export const PARAMETERS = {
  GATEPASS_ISSUER: 'Issuer',
  GATEPASS_AUDIENCE: 'Audience',
  GATEPASS_CLIENTS: 'Clients',
  GATEPASS_JWKS_URI: 'JwksUri',
  GATEPASS_JWKS_TIMEOUT_MS: 'JwksTimeoutMs',
  GATEPASS_KEY_PREFIX: 'KeyPrefix',
  GATEPASS_ENVIRONMENT: 'KeyEnvironment',
  GATEPASS_IMPORTED_PREFIXES: 'ImportedPrefixes',
  GATEPASS_ACCOUNT_CHECK: 'AccountCheck',
  GATEPASS_POLICY_CONDITIONS: 'PolicyConditions',
  GATEPASS_TABLE_AT_START: 'TableAtStart',
} as const;

/**
 * What holds where nobody says otherwise. The example API is there to be called; its access logs need a role that a new
 * account hasn't, and without it the deployment would fail.
 */
export const DEFAULTS = {
  stack: 'gatepass',
  parameters: {
    KeyPrefix: 'gp',
    KeyEnvironment: 'live',
    SelfService: 'false',
    Sync: 'false',
    ExampleApi: 'true',
    AccessLogs: 'false',
  },
} as const;

/** Values of the authorizer's variables as parameters of the template. */
export function parametersOf(values: Environment): Parameters {
  return Object.fromEntries(
    Object.entries(PARAMETERS).flatMap(([variable, parameter]) => {
      const value = values[variable];
      return value ? [[parameter, value]] : [];
    }),
  );
}

/** The reverse: what the deployed authorizer is told. */
export function variablesOf(parameters: Parameters): Environment {
  return Object.fromEntries(
    Object.entries(PARAMETERS).map(([variable, parameter]) => [variable, parameters[parameter]]),
  );
}

/** What is wrong with one answer, for the person who typed it: a sentence each. */
export function problemsWith(parameter: string, answer: string): readonly string[] {
  const { problems = [] } = readGiven(variablesOf({ [parameter]: answer }));
  return problems.map((problem) => `${formatProblem({ ...problem, variable: 'It' })}.`);
}

/** What is wrong with all answers together: a sentence each. */
export function problemsOf({ stack, region, parameters }: Answers): readonly string[] {
  const { problems: found = [] } = readGiven(variablesOf(parameters));
  const problems = found.map(formatProblem);
  if (!parameters['Issuer']) problems.push('Which realm? Give --issuer URL, or a token to --from-token.');
  if (!parameters['Audience']) problems.push('For which API are the tokens? Give --audience NAME, or --from-token.');
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html: StackName
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack)) {
    problems.push('--stack must be letters, digits and hyphens, with a letter first, as gatepass.');
  }
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    problems.push('--region must be the name of an AWS region, as eu-west-1.');
  }
  return problems;
}
