#!/usr/bin/env node
import { standardOutput } from '../terminal/output.ts';
import { runProgram } from '../terminal/program.ts';
import { explainError } from './explain-error.ts';
import { createProgram, redactFor } from './program.ts';

// On Node 20 the AWS SDK would tell of its plans for 2027 at each command.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const args = process.argv.slice(2);
const redact = redactFor(args, process.env);
const output = standardOutput(redact);

const status = await runProgram(createProgram(output, redact), args, output, explainError);
// A command that was done may have set another status by itself, as the doctor does.
if (status !== 0) process.exitCode = status;
