import { type Command, CommanderError } from 'commander';
import { UsageError } from '../terminal/usage-error.ts';

/**
 * Runs a command-line program, which its errors call by `name`, and sets the exit status: 0 done, 1 failed, 2 wrong usage. An error is one line on
 * standard error.
 */
export async function runProgram(name: string, program: Command): Promise<void> {
  try {
    await program.exitOverride().showHelpAfterError('(--help tells how)').parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
