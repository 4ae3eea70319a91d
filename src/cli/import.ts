import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Command, Option } from 'commander';
import { ImportStopped, type ImportSummary, importLines } from '../accounts/import/import-lines.ts';
import { readLines } from '../accounts/import/read-lines.ts';
import { COLUMNS } from '../accounts/import/row.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress, formatBar } from '../terminal/progress.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { checkedOption } from './variable-option.ts';

interface Options extends ConnectOptions {
  readonly format?: 'csv' | 'jsonl';
  readonly importedPrefixes: readonly string[] | 'any';
  readonly environment: string;
  readonly prefix: string;
  readonly concurrency: string;
  readonly after?: string;
  readonly dryRun?: boolean;
}

/** `gatepass import`: users and keys of another system, whose callers' keys go on working as they are. */
export function importCommand({ out, err }: Output): Command {
  return withTable(new Command('import'))
    .description('bring in users and keys from another system, from CSV with a header line or JSON lines')
    .argument('<file>', 'the file, or - for standard input')
    .addOption(new Option('--format <format>', 'of the file (default: by its ending)').choices(['csv', 'jsonl']))
    .addOption(checkedOption('GATEPASS_IMPORTED_PREFIXES').default('any', '*'))
    .addOption(checkedOption('GATEPASS_ENVIRONMENT', 'of keys that name none'))
    .addOption(checkedOption('GATEPASS_KEY_PREFIX'))
    .option('--concurrency <n>', 'how many lines are written at a time', '64')
    .option('--after <line>', 'pass over the lines up to this one, which an earlier run has done')
    .option('--dry-run', 'check the lines and write nothing')
    .addHelpText(
      'after',
      `
Columns: ${COLUMNS.join(', ')}.
A line needs userId; with key (plain) or keyHash (its SHA-256 in hex, base64 or base64url) it brings a key. Lists are
separated by spaces, dates are ISO 8601 or epoch seconds. What is in the table already is left as it is, so a run that
was cut off can be repeated. Exit status 1: some lines were refused (each is told), or the table could not be written.

Examples:
  gatepass import users.csv --table gatepass --imported-prefixes sk_
  zcat dump.jsonl.gz | gatepass import - --format jsonl --table gatepass --dry-run`,
    )
    .action(async (file: string, options: Options) => {
      const format = options.format ?? formatOf(file);
      const size = file === '-' ? undefined : (await stat(file).catch(noSuchFile(file))).size;
      let bytes = 0;
      const input = counting(file === '-' ? process.stdin : createReadStream(file), (length) => {
        bytes += length;
      });
      const { importedPrefixes, environment, prefix, dryRun = false } = options;
      const rules = { importedPrefixes, keyPrefix: prefix, environment };
      const progress = createProgress(err);
      const startedAt = Date.now();
      const show = (lines: number) => {
        const rate = Math.round(lines / Math.max(0.001, (Date.now() - startedAt) / 1000));
        progress.show(`${size ? `${formatBar(Math.min(1, bytes / size))}  ` : ''}${lines} lines, ${rate} a second`);
      };
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());

      const summary = await onTable(options, (table) =>
        importLines(table, readLines(input, format), {
          rules,
          now: Date.now,
          concurrency: wholeNumber('--concurrency', options.concurrency, 1, 512),
          dryRun,
          after: wholeNumber('--after', options.after ?? '0', 0, Number.MAX_SAFE_INTEGER),
          signal: stop.signal,
          onRefused: (line, why) => progress.note(`line ${line}: ${why}`),
          onProgress: ({ lines }) => show(lines),
        }),
      ).catch((error: unknown) => {
        progress.end();
        if (error instanceof ImportStopped)
          err(`gatepass: ${error.message} Go on with --after ${error.summary.doneUpTo}.`);
        throw error instanceof ImportStopped ? error.cause : error;
      });
      progress.end();
      out(options.json ? formatJson(summary) : describe(summary, dryRun));
      if (stop.signal.aborted) err(`Stopped. Go on with --after ${summary.doneUpTo}.`);
      if (summary.refused > 0 || stop.signal.aborted) process.exitCode = 1;
    });
}

function describe(
  { lines, usersCreated, keysCreated, keysUnchanged, refused }: ImportSummary,
  dryRun: boolean,
): string {
  if (dryRun) return `${count(lines, 'line')} checked, ${refused} would be refused. Nothing was written.`;
  return (
    `${count(lines, 'line')}: ${count(usersCreated, 'user')} and ${count(keysCreated, 'key')} created, ` +
    `${count(keysUnchanged, 'key')} there already, ${count(refused, 'line')} refused.`
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The same stream, telling how much of it has been read. */
function counting(input: Readable, onRead: (bytes: number) => void): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of input) {
      onRead(chunk.length);
      yield chunk;
    }
  }
  return Readable.from(chunks());
}

function formatOf(file: string): 'csv' | 'jsonl' {
  if (/\.csv$/i.test(file)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(file)) return 'jsonl';
  throw new UsageError(`What is ${file}? Give --format csv or --format jsonl.`);
}

function noSuchFile(file: string): (error: Error) => never {
  return (error) => {
    throw new UsageError(`The file ${file} can't be read: ${error.message}.`);
  };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}.`);
}
