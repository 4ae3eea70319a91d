import { type Command, InvalidArgumentError, Option } from 'commander';
import { OPTIONS } from '../config/options.ts';
import { type Environment, readVariable } from '../config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../config/variables/authorizer.ts';
import { LOGOUT_VARIABLES } from '../config/variables/logout.ts';
import { SYNC_VARIABLES } from '../config/variables/sync.ts';

const VARIABLES = { ...LOGOUT_VARIABLES, ...SYNC_VARIABLES, ...AUTHORIZER_VARIABLES };

type Name = keyof typeof OPTIONS;

/** The option that stands for a variable, which is read where the option isn't given. Its value is as it was given. */
export function variableOption(name: Name, meaning: string = VARIABLES[name].meaning): Option {
  return new Option(OPTIONS[name], meaning).env(name);
}

// Object.keys() is typed for objects of which more may be there than is known.
const OF_AUTHORIZER = Object.keys(AUTHORIZER_VARIABLES) as (keyof typeof AUTHORIZER_VARIABLES)[];

/** Gives a command an option for each variable of the authorizer, but for the table, which is `withTable`'s. */
export function withAuthorizer(command: Command): Command {
  for (const name of OF_AUTHORIZER) if (name !== 'GATEPASS_TABLE') command.addOption(variableOption(name));
  return command;
}

/** The authorizer's variables as a command was given them, by its options or by the environment. */
export function authorizerValues(options: object): Environment {
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(options));
  const values = OF_AUTHORIZER.map((name) => [name, given.get(variableOption(name).attributeName())] as const);
  return Object.fromEntries(values.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

/** The option, checked and parsed as the functions do it, with their default. Empty counts as not given, as there. */
export function checkedOption(name: Name, meaning?: string): Option {
  const variable = VARIABLES[name];
  const option = variableOption(name, meaning).argParser((text, previous) => {
    if (text === '') return previous;
    const read = readVariable(variable, text);
    if ('value' in read) return read.value;
    throw new InvalidArgumentError(`It ${read.problems.join(', and ')}.`);
  });
  const unset = readVariable(variable, undefined);
  return 'value' in unset && unset.value !== undefined ? option.default(unset.value) : option;
}
