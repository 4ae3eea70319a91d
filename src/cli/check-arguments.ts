import type { Command } from 'commander';
import { holdsCredential, type Redact } from '../redact.ts';
import { UsageError } from '../terminal/usage-error.ts';

/**
 * @throws UsageError when an argument, an option or its variable holds a credential, which is not shown; or when an
 *   argument is empty: a variable of the shell was meant that isn't set.
 */
export function checkArguments(command: Command, redact: Redact): void {
  const given = [
    ...command.registeredArguments.map((argument, index) => ({
      name: `The argument ${argument.name()}`,
      value: command.processedArgs[index] as unknown, // commander's any
    })),
    ...command.options.map((option) => {
      const isVariable = command.getOptionValueSource(option.attributeName()) === 'env';
      const name = isVariable ? option.envVar : option.long;
      return { name: name ?? option.flags, value: command.getOptionValue(option.attributeName()) as unknown };
    }),
  ];
  const empty = command.registeredArguments.find((_, index) => command.processedArgs[index] === '');
  if (empty !== undefined) throw new UsageError(`The argument ${empty.name()} is empty: is a variable not set?`);
  for (const { name, value } of given) {
    if (![value].flat().some((one) => typeof one === 'string' && holdsCredential(one, redact))) continue;
    throw new UsageError(
      `${name} holds a key, a token or a password, which is not shown here. Others may have seen it in the process list, and the ` +
        'shell\'s history keeps it. "gatepass keys find" and "gatepass explain" read one from standard input.',
    );
  }
}
