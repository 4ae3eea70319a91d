import { standardOutput } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { runCommand } from './command.ts';

const output = standardOutput();

process.exitCode = await runCommand(process.argv.slice(2), output, createProgress(output.err));
