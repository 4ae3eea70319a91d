import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import type { Environment } from '../config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../config/variables/authorizer.ts';
import { LOGOUT_VARIABLES } from '../config/variables/logout.ts';
import { SYNC_VARIABLES } from '../config/variables/sync.ts';

const VARIABLES = { ...LOGOUT_VARIABLES, ...SYNC_VARIABLES, ...AUTHORIZER_VARIABLES };

/** The variables that an option stands for. */
type Name = {
  [Each in keyof typeof VARIABLES]: (typeof VARIABLES)[Each] extends { option: string } ? Each : never;
}[keyof typeof VARIABLES];

/** The option that stands for a variable, which is read where the option isn't given. Its value is as it was given. */
export function variableOption(name: Name, meaning: string = VARIABLES[name].meaning): Option {
  return new Option(VARIABLES[name].option, meaning).env(name);
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
  const { schema } = VARIABLES[name];
  const option = variableOption(name, meaning).argParser((text, previous) => {
    if (text === '') return previous;
    const result = v.safeParse(schema, text);
    if (result.success) return result.output;
    throw new InvalidArgumentError(`It ${result.issues.map((issue) => issue.message).join(', and ')}.`);
  });
  const fallback = v.safeParse(schema, undefined);
  return fallback.success && fallback.output !== undefined ? option.default(fallback.output) : option;
}
