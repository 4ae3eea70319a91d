import { type Command, CommanderError } from 'commander';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** 0 done, 1 refused or failed, 2 the command line is wrong. */
export type ExitStatus = 0 | 1 | 2;

/**
 * Runs a command line. An error is said on standard error, by its message and without a stack.
 *
 * @param explain makes of an error what the person at the command line can do about it.
 */
export async function runProgram(
  program: Command,
  args: readonly string[],
  output: Output,
  explain: (error: Error) => Error = (error) => error,
): Promise<ExitStatus> {
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .showHelpAfterError('(--help tells how)')
      .configureOutput({
        writeOut: (text) => output.out(text.trimEnd()),
        writeErr: (text) => output.err(text.trimEnd()),
      });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2; // it was said already
    const error = explain(thrown instanceof Error ? thrown : new Error(String(thrown)));
    output.err(`${program.name().replaceAll(/ --(?:silent)?(?= |$)/g, '')}: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
