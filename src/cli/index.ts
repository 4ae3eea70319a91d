#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { AdminError } from '../accounts/admin-error.ts';
import { standardOutput } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { syncCommand } from './sync.ts';
import { usersCommand } from './users.ts';

/** 0 done, 1 refused or failed, 2 the command line is wrong. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

// On Node 20 the AWS SDK would tell of its plans for 2027 at each command.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const output = standardOutput();

const program = new Command('gatepass')
  .description('Users and API keys for the Gatepass authorizer.')
  .addHelpText('after', '\nExit status: 0 done, 1 refused or failed and nothing changed, 2 wrong usage.')
  .addCommand(usersCommand(output))
  .addCommand(keysCommand(output))
  .addCommand(importCommand(output))
  .addCommand(syncCommand(output))
  .addCommand(explainCommand(output))
  .addCommand(doctorCommand(output));

for (const command of [program, ...program.commands.flatMap((group) => [group, ...group.commands])]) {
  command.exitOverride().showHelpAfterError('(--help tells how)');
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof UsageError) {
    output.err(`gatepass: ${error.message}`);
    return EXIT_USAGE;
  }
  if (error instanceof AdminError) output.err(`gatepass: ${error.message}`);
  else if (error instanceof Error) output.err(`gatepass: ${explain(error)}`);
  else throw error;
  return EXIT_FAILED;
}

/** What the AWS SDK's commonest failures mean for whoever typed the command. */
function explain(error: Error): string {
  switch (error.name) {
    case 'ResourceNotFoundException':
      return 'There is no such table in this account and region: check --table, --region and --endpoint-url.';
    case 'CredentialsProviderError':
      return 'No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile.';
    case 'AccessDeniedException':
      return `These credentials may not do this: ${error.message}`;
    case 'ValiError':
      return `An item of the table is not readable, it was written by something else: ${error.message}`;
    default:
      // The SDK puts $metadata on what came of a request, be it that nothing answered.
      return '$metadata' in error
        ? `The table could not be reached or refused the request: ${error.name}: ${error.message}`
        : error.message;
  }
}
