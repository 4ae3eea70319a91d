import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError, Option } from 'commander';
import { type Output, redacting } from '../terminal/output.ts';
import type { Progress } from '../terminal/progress.ts';
import { UsageError } from '../terminal/usage-error.ts';
import type { Time } from './check.ts';
import { createClient, NoAnswer } from './client.ts';
import {
  EXAMPLE_OTHER,
  EXAMPLE_PATH,
  type Options,
  secretsOf,
  targetOf,
  toCredential,
  toPath,
  toRoute,
  toSeconds,
  toUrl,
} from './options.ts';
import { createPartsRedact } from './redact.ts';
import { countResults, isGood, reportForPeople, reportForPrograms } from './report.ts';
import { runSmoke } from './run.ts';

/** 0 the contract holds, 1 it doesn't or nothing answers, 2 the command line is wrong. */
type ExitStatus = 0 | 1 | 2;

const HELP = `
The line before the last says what the stage does with conditions in policies, and so what GATEPASS_POLICY_CONDITIONS is to be.
A skipped check needs an option that wasn't given. Exit status: 0 nothing failed, 1 something failed or nothing
answered, 2 wrong usage. Credentials are never printed here, but npm prints its command line, and others on this
computer can read it: hand them over in the environment.

Examples:
  npm start                                             # a local gateway; prints a KEY and a TOKEN
  npm run smoke -- --url http://127.0.0.1:3000/prod
  SMOKE_KEY=$KEY SMOKE_TOKEN=$TOKEN npm run smoke -- --url https://abc123.execute-api.eu-west-1.amazonaws.com/prod
  npm run smoke -- --url https://abc123.execute-api.eu-west-1.amazonaws.com --expect http --no-cors
  SMOKE_REVOCABLE_KEY=$KEY2 npm run smoke -- --url $URL --ttl 60 --revoke "./gatepass keys disable $ID --table $TABLE"`;

/** Reads the command line, runs the checks and reports. */
export async function runCommand(
  args: readonly string[],
  plain: Output,
  progress: Progress,
  time: Time = { now: Date.now, sleep },
): Promise<ExitStatus> {
  let output = plain;
  try {
    const options = parse(args, output);
    output = redacting(plain.out, plain.err, createPartsRedact(secretsOf(options)));
    const client = createClient(options.url, options.timeout * 1000);
    const results = await runSmoke(targetOf(options), client, progress.show, time);
    progress.end();
    output.out((options.json ? reportForPrograms : reportForPeople)(options.url, results));
    return isGood(countResults(results)) ? 0 : 1;
  } catch (error) {
    progress.end();
    return report(error, output);
  }
}

function report(error: unknown, { err }: Output): ExitStatus {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    err(`smoke: ${error.message}`);
    return 2;
  }
  if (!(error instanceof NoAnswer)) throw error;
  err(`smoke: ${error.message}.`);
  return 1;
}

/** @throws CommanderError for wrong usage, and when help was asked for and given: its exit status is 0 then. */
function parse(args: readonly string[], { out, err }: Output): Options {
  const command = new Command('npm run smoke --')
    .description('Tests the contract, row by row, against any deployed stage or the local gateway.')
    .requiredOption('--url <url>', 'where the API is, its stage included', toUrl)
    .option('--path <path>', 'a protected route that answers 2xx to an allowed GET', toPath, EXAMPLE_PATH)
    .addOption(
      new Option('--other <route>', 'another protected route, likewise')
        .argParser(toRoute)
        .default(toRoute(EXAMPLE_OTHER), `"${EXAMPLE_OTHER}"`),
    )
    .addOption(new Option('--expect <kind>', 'the kind of API').choices(['rest', 'http']).default('rest'))
    .addOption(
      new Option('--mode <mode>', 'are results cached?').choices(['cached', 'uncached', 'auto']).default('auto'),
    )
    .option('--no-cors', 'leave out what only pages of other origins need')
    .addOption(credential('--key', '<key>', 'a good API key', 'SMOKE_KEY'))
    .option('--key-prefix <prefix>', 'how keys start (default: as --key does, or gp)')
    .addOption(credential('--token', '<token>', 'a good access token', 'SMOKE_TOKEN'))
    .addOption(credential('--expiring-token', '<token>', 'one that ends soon', 'SMOKE_EXPIRING_TOKEN'))
    .option('--max-wait <seconds>', 'how long to wait for its end at most', toSeconds(1), 120)
    .addOption(credential('--revocable-key', '<key>', 'a good API key that may be revoked', 'SMOKE_REVOCABLE_KEY'))
    .option('--revoke <command>', 'a shell command that revokes it')
    .addOption(
      credential(
        '--inside-key',
        '<key>',
        "a good API key whose networks have this computer's address",
        'SMOKE_INSIDE_KEY',
      ),
    )
    .addOption(credential('--outside-key', '<key>', "one whose networks don't have it", 'SMOKE_OUTSIDE_KEY'))
    .option('--ttl <seconds>', 'how long results are cached', toSeconds(0), 60)
    .option('--timeout <seconds>', 'how long an answer may take', toSeconds(1), 15)
    .option('--json', 'print JSON for programs')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help tells how)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) });
  return command.parse(args, { from: 'user' }).opts<Options>();
}

/** An option that may be given in the environment, which no process list shows. */
function credential(name: string, value: string, description: string, variable: string): Option {
  return new Option(`${name} ${value}`, description).env(variable).argParser(toCredential(name));
}
