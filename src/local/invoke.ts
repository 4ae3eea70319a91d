import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import * as v from 'valibot';
import { formatJson, formatTable } from '../terminal/format.ts';
import { differences, type Expectation, environmentOf, expectationsSchema, observe } from './expectations.ts';
import { type Invocation, type LocalFunction, startLocalFunction } from './local-function.ts';
import { type LocalParts, startLocalParts } from './local-parts.ts';

const EVENTS = new URL('../../events/', import.meta.url);

interface Options {
  readonly json?: boolean;
}

const program = new Command('npm run invoke --')
  .description('Runs sample events through the built Lambda bundle (dist/authorizer).')
  .argument('[file]', 'one event, yours or one of events/; without it every file in events/ is run and checked')
  .option('--json', 'print JSON for programs')
  .addHelpText(
    'after',
    `
One event runs against the local table and realm that are kept in .gatepass/, the same that "gatepass --local" works
on. Variables that you set yourself (GATEPASS_TABLE, GATEPASS_ISSUER, AWS_ENDPOINT_URL_DYNAMODB, ...) are used instead.

Examples:
  npm run invoke
  npm run invoke -- events/api-key-expired.json
  npm run invoke -- /tmp/my-event.json --json`,
  )
  .action((file: string | undefined, options: Options) =>
    file === undefined ? runAll(options) : runOne(file, options),
  );

await program.parseAsync();

interface Row {
  readonly case: string;
  readonly decision: string;
  readonly reason: string;
  readonly ms: string;
  readonly differences: readonly string[];
}

async function runAll({ json }: Options): Promise<void> {
  const parts = await startLocalParts({ keep: false });
  const instances = new Map<string, LocalFunction>();
  const rows: Row[] = [];
  try {
    const expectations = await readExpectations(parts);
    for (const [name, expected] of Object.entries(expectations)) {
      const overrides = environmentOf(expected);
      const id = JSON.stringify(overrides);
      const instance = instances.get(id) ?? (await startLocalFunction({ ...parts.env, ...overrides }));
      instances.set(id, instance);
      const event = JSON.parse(await parts.credentials.fill(await readFile(new URL(name, EVENTS), 'utf8')));
      rows.push(toRow(name, expected, await instance.invoke(event)));
    }
  } finally {
    await Promise.all([...instances.values()].map((instance) => instance.stop()));
    await parts.stop();
  }
  const failed = rows.filter((row) => row.differences.length > 0);
  process.stdout.write(`${json ? formatJson(rows) : report(rows, failed)}\n`);
  if (rows.length === 0 || failed.length > 0) process.exitCode = 1;
}

/** Every event file must be expected to give something, and the other way round. */
async function readExpectations({ credentials }: LocalParts): Promise<Readonly<Record<string, Expectation>>> {
  const text = await readFile(new URL('expected.json', EVENTS), 'utf8');
  const expectations = v.parse(expectationsSchema, JSON.parse(await credentials.fill(text)));
  const files = (await readdir(EVENTS)).filter((file) => file.endsWith('.json') && file !== 'expected.json');
  const names = Object.keys(expectations);
  const odd = [...files.filter((file) => !names.includes(file)), ...names.filter((name) => !files.includes(name))];
  if (odd.length > 0) throw new Error(`events/ and events/expected.json do not agree about ${odd.join(', ')}.`);
  return expectations;
}

function toRow(name: string, expected: Expectation, invocation: Invocation): Row {
  const { outcome, reason } = observe(invocation);
  return {
    case: name.replace(/\.json$/, ''),
    decision: outcome,
    reason,
    ms: invocation.durationMs.toFixed(1),
    differences: differences(expected, invocation),
  };
}

function report(rows: readonly Row[], failed: readonly Row[]): string {
  const table = formatTable(
    rows.map((row) => ({
      CASE: row.case,
      DECISION: row.decision,
      REASON: row.reason,
      MS: row.ms,
      '': row.differences.length === 0 ? 'as expected' : 'NOT AS EXPECTED',
    })),
  );
  const explanations = failed.map((row) => `${row.case}: ${row.differences.join('; ')}`);
  return [table, '', ...explanations, `${rows.length} cases, ${failed.length} not as expected`].join('\n');
}

/** Prints the whole answer to one event: what API Gateway gets, and what the log gets. */
async function runOne(file: string, { json }: Options): Promise<void> {
  // npm runs scripts in the repository's root; a relative path is meant from where the user is.
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  const parts = await startLocalParts({ keep: true });
  try {
    const event = JSON.parse(await parts.credentials.fill(await readFile(path, 'utf8')));
    const instance = await startLocalFunction({ ...parts.env, ...ownVariables() });
    const { result, error, log, durationMs } = await instance.invoke(event);
    await instance.stop();
    const answer = {
      ...(result ? { result } : { fault: error }),
      log: log.map((line) => JSON.parse(line)),
      durationMs,
    };
    process.stdout.write(json ? `${formatJson(answer)}\n` : describe(answer));
  } finally {
    await parts.stop();
  }
}

function describe({ log, durationMs, ...answer }: { log: unknown[]; durationMs: number }): string {
  return (
    `What API Gateway gets (${durationMs.toFixed(1)} ms):\n${formatJson(answer)}\n\n` +
    `What the log gets:\n${log.map(formatJson).join('\n')}\n`
  );
}

function ownVariables(): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(GATEPASS|AWS)_/.test(name) && value !== undefined) own[name] = value;
  }
  return own;
}
