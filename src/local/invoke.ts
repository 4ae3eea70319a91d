import { Command, Option } from 'commander';
import { standardOutput } from '../terminal/output.ts';
import { runProgram } from '../terminal/program.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { OUTCOMES } from './cases.ts';
import { runCases } from './run-cases.ts';
import { type RunEventOptions, runEvent } from './run-event.ts';

const output = standardOutput();

const program = new Command('npm run invoke --')
  .description('Runs sample events through the built Lambda bundle (dist/authorizer).')
  .argument('[file]', 'one event, yours or one of events/; without it every case of events/ is run and checked')
  .option('--case <name>', 'another case of a file of events/ than the one named like it')
  .addOption(new Option('--expect <outcome>', 'what the event must come to').choices(OUTCOMES))
  .option('--json', 'print JSON for programs')
  .addHelpText(
    'after',
    `
One event runs against the local table and realm that are kept in .gatepass/, the same that "gatepass --local" works
on. Variables that you set yourself (GATEPASS_TABLE, GATEPASS_ISSUER, AWS_ENDPOINT_URL_DYNAMODB, ...) are used instead.

Exit status: 0 as expected, 1 not as expected, 2 wrong usage. Of one event a fault is not expected, unless its case or
--expect says so.

Examples:
  npm run invoke
  npm run invoke -- events/api-key-valid.json
  npm run invoke -- events/api-key-valid.json --case api-key-expired
  npm run --silent invoke -- /tmp/my-event.json --expect deny --json`,
  )
  .action(async (file: string | undefined, options: RunEventOptions) => {
    if (file === undefined && (options.case ?? options.expect) !== undefined) {
      throw new UsageError('--case and --expect are about one event: give its file.');
    }
    const isGood = file === undefined ? await runCases(output, options) : await runEvent(output, file, options);
    if (!isGood) process.exitCode = 1;
  });

const status = await runProgram(program, process.argv.slice(2), output);
if (status !== 0) process.exitCode = status;
