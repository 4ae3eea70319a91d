import { Command } from 'commander';
import { standardOutput } from '../terminal/output.ts';
import { runProgram } from '../terminal/program.ts';
import { readEventFile } from './event-file.ts';
import { startLocalParts } from './local-parts.ts';

const output = standardOutput();

const program = new Command('npm run --silent event --')
  .description('Prints an event with live credentials where it has placeholders.')
  .argument('<file>', 'an event file, yours or one of events/')
  .option('--case <name>', 'another case of a file of events/ than the one named like it')
  .addHelpText(
    'after',
    `
The credentials are good for the local table and realm that are kept in .gatepass/.

Examples:
  npm run --silent event -- events/api-key-valid.json > /tmp/event.json && npm run invoke -- /tmp/event.json
  npm run --silent event -- events/api-key-valid.json --case api-key-expired
  npm run --silent event -- events/api-key-valid.json | sam local invoke -e -`,
  )
  .action(async (file: string, options: { readonly case?: string }) => {
    const { text } = readEventFile(file, options.case);
    const parts = await startLocalParts({ keep: true });
    try {
      const filled = (await parts.credentials.fill(text)).trimEnd();
      output.reveal(filled, filled);
    } finally {
      await parts.stop();
    }
  });

const status = await runProgram(program, process.argv.slice(2), output);
if (status !== 0) process.exitCode = status;
