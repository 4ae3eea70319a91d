import { fileURLToPath } from 'node:url';
import { type Outcome, runCommand } from './command.ts';

export const CLI_BUNDLE = fileURLToPath(new URL('../../../dist/cli/index.mjs', import.meta.url));

/** Runs the built command-line tool, as `./gatepass …` does. */
export function gatepass(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  return runCommand(process.execPath, [CLI_BUNDLE, ...args], env);
}
