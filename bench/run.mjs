// npm run bench: what a decision costs, beside what others would use. Installs what it needs, then measures by the
// Node that Lambda has, since the machine's own may be another.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCertificate } from './certificate.mjs';
import { install, whyNotHere } from './install.mjs';

const HELP = `Usage: npm run bench -- [--smoke] [--only PART] [--rounds N] [--keys N] [--json]

Measures starts, decisions, requests and growth, and prints a table.

  --only PART   cold, warm or growth; may be given more than once
  --rounds N    how often each thing is measured (15)
  --keys N      how many keys the large table has (100000)
  --smoke       one round of little, to see that everything runs
  --json        prints the figures as JSON, and nothing else to standard output

For example: npm run bench -- --only cold --rounds 31
`;

const options = readOptions();
const obstacle = whyNotHere();
if (obstacle !== undefined) {
  process.stdout.write(`Nothing is measured: ${obstacle}.\n`);
} else {
  const installed = install((line) => process.stderr.write(`${line}\n`));
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-bench-'));
  try {
    const certificate = await makeCertificate(installed.folder, folder);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate.certificateFile, NODE_NO_WARNINGS: '1' };
    const job = JSON.stringify({ ...options, installed, certificate, work: folder });
    const { status } = spawnSync(installed.node, ['bench/main.ts', job], { env, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: ['cold', 'warm', 'growth'] },
        rounds: { type: 'string', default: '15' },
        keys: { type: 'string', default: '100000' },
      },
    });
    const unknown = values.only.find((part) => !['cold', 'warm', 'growth'].includes(part));
    if (unknown !== undefined) throw new Error(`--only ${unknown}: expected cold, warm or growth`);
    const [rounds, keys] = [wholeNumber('rounds', values.rounds), wholeNumber('keys', values.keys)];
    if (!values.help) return { ...values, rounds: values.smoke ? 1 : rounds, keys };
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function wholeNumber(name, text) {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new Error(`--${name} ${text}: expected a whole number from 1`);
  return Number(text);
}
