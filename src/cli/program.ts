import { Command } from 'commander';
import { version } from '../../package.json';
import { createRedact, type Redact } from '../redact.ts';
import type { Output } from '../terminal/output.ts';
import { checkArguments } from './check-arguments.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { keysCommand } from './keys.ts';
import { syncCommand } from './sync.ts';
import { usageCommand } from './usage.ts';
import { usersCommand } from './users.ts';

/** The `gatepass` command with all its parts. */
export function createProgram(output: Output, redact: Redact): Command {
  return new Command('gatepass')
    .description('Users and API keys for the Gatepass authorizer.')
    .version(version)
    .addHelpText('after', '\nExit status: 0 done, 1 refused or failed and nothing changed, 2 wrong usage.')
    .addCommand(usersCommand(output))
    .addCommand(keysCommand(output))
    .addCommand(usageCommand(output))
    .addCommand(importCommand(output))
    .addCommand(syncCommand(output))
    .addCommand(explainCommand(output))
    .addCommand(doctorCommand(output))
    .addCommand(initCommand(output))
    .hook('preAction', (_program, command) => checkArguments(command, redact));
}

const PREFIXES = { option: '--imported-prefixes', variable: 'GATEPASS_IMPORTED_PREFIXES' } as const;

/** What takes credentials out of all output. It knows the imported prefixes before the command line is parsed. */
export function redactFor(args: readonly string[], env: NodeJS.ProcessEnv): Redact {
  const index = args.findIndex((arg) => arg.startsWith(PREFIXES.option));
  const given = args[index]?.split('=')[1] ?? args[index + 1];
  const lists = [env[PREFIXES.variable], index < 0 ? undefined : given];
  const prefixes = lists.flatMap((list) => list?.split(',') ?? []).map((prefix) => prefix.trim());
  return createRedact(prefixes.filter((prefix) => prefix !== '' && prefix !== '*'));
}
