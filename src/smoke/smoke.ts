import { runCommand } from './command.ts';
import { createProgress } from './progress.ts';

process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
  },
  createProgress(process.stderr),
);
