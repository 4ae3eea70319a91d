import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { startLocalParts } from './local-parts.ts';

await new Command('npm run --silent event --')
  .description('Prints an event with live credentials where it has placeholders.')
  .argument('<file>', 'an event file, as events/api-key-valid.json')
  .addHelpText(
    'after',
    `
The credentials are good for the local table and realm that are kept in .gatepass/.

Examples:
  npm run --silent event -- events/api-key-valid.json > /tmp/event.json && npm run invoke -- /tmp/event.json
  npm run --silent event -- events/api-key-valid.json | sam local invoke -e -`,
  )
  .action(async (file: string) => {
    const path = resolve(process.env['INIT_CWD'] ?? '.', file);
    const parts = await startLocalParts({ keep: true });
    try {
      process.stdout.write(await parts.credentials.fill(await readFile(path, 'utf8')));
    } finally {
      await parts.stop();
    }
  })
  .parseAsync();
