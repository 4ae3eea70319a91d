import { setFlagsFromString } from 'node:v8';
import { Command, Option } from 'commander';
import { COLUMNS } from '../accounts/import/columns.ts';
import { FileRefused } from '../accounts/import/decode.ts';
import { ImportStopped, type ImportSummary, importLines } from '../accounts/import/import-lines.ts';
import { createPreview } from '../accounts/import/preview.ts';
import { readLines } from '../accounts/import/read-lines.ts';
import type { RowRules } from '../accounts/import/row.ts';
import type { ImportedPrefixes } from '../key-format/imported.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress, formatBar, type Progress } from '../terminal/progress.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { type FileFormat, formatOf, openFile } from './import-file.ts';
import { formatSummary } from './import-report.ts';
import { createTrial, type Tried } from './import-try.ts';
import { wholeNumber } from './option-values.ts';
import { checkedOption } from './variable-option.ts';

interface Options extends ConnectOptions {
  readonly format?: FileFormat;
  readonly from?: 'aws';
  readonly user?: string;
  readonly importedPrefixes: ImportedPrefixes;
  readonly environment: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly after: number;
  readonly dryRun?: boolean;
  readonly try?: boolean;
  readonly allowWeak?: boolean;
  readonly keysLikeHashes?: boolean;
}

const HELP = `
Columns: ${COLUMNS.join(', ')}.
A line needs userId; with key (plain) or keyHash (its SHA-256 in hex, base64 or base64url) it brings a key. Lists are
separated by spaces, dates are ISO 8601 with a time zone or epoch seconds. What is in the table already is left as it
is, so a run that was cut off can be repeated. Exit status: 0 done, 1 some lines were refused (each is told) or the
import stopped, 2 wrong usage and nothing was written.

Examples:
  gatepass import users.csv --table gatepass --imported-prefixes sk_
  gatepass import keys.csv --from aws --user user-42 --table gatepass
  zcat dump.jsonl.gz | gatepass import - --format jsonl --table gatepass --dry-run`;

interface RefusedLine {
  readonly line: number;
  readonly why: string;
}

interface Report {
  readonly summary: ImportSummary;
  readonly refusedLines: readonly RefusedLine[];
  readonly tried: Tried | undefined;
  readonly isDry: boolean;
}

/** `gatepass import`: users and keys of another system, whose callers' keys go on working as they are. */
export function importCommand({ out, err }: Output): Command {
  return withTable(new Command('import'))
    .description('bring in users and keys from another system, from CSV with a header line or JSON lines')
    .argument('<file>', 'the file, or - for standard input')
    .addOption(new Option('--format <format>', 'of the file (default: by its ending)').choices(['csv', 'jsonl']))
    .addOption(new Option('--from <system>', 'whose own file it is: aws, an API key file').choices(['aws']))
    .option('--user <userId>', 'the owner of the keys whose lines name none')
    .addOption(checkedOption('GATEPASS_IMPORTED_PREFIXES').default('any', '*'))
    .addOption(checkedOption('GATEPASS_ENVIRONMENT', 'of keys that name none'))
    .addOption(checkedOption('GATEPASS_KEY_PREFIX'))
    .option('--allow-weak', 'import keys that can be guessed too, and tell them')
    .option('--keys-like-hashes', 'take what looks like a hash in the column key for a key')
    .option('--concurrency <n>', 'how many lines are written at a time', wholeNumber(1, 512), 64)
    .option('--after <line>', 'pass over the lines up to this one', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--dry-run', 'say what would be done, and write nothing')
    .option('--try', 'say whether a key, from standard input, would be let in afterwards; writes nothing')
    .addHelpText('after', HELP)
    .action(async (path: string, options: Options) => {
      keepHeapSmall();
      const progress = createProgress(err);
      const stop = new AbortController();
      const onInterrupt = () => stop.abort();
      process.once('SIGINT', onInterrupt);
      try {
        await importFile(path, options, { out, err, progress, signal: stop.signal });
      } finally {
        process.off('SIGINT', onInterrupt);
        progress.end();
      }
    });
}

/**
 * Has V8 collect garbage early: by itself it lets that of a long import pile up to twice the memory. It takes about a
 * third more CPU time.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}

interface Surroundings extends Pick<Output, 'out' | 'err'> {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function importFile(path: string, options: Options, around: Surroundings): Promise<void> {
  const format = options.from ?? options.format ?? formatOf(path);
  if (options.try && path === '-') throw new UsageError('--try reads a key from standard input: give a file of lines.');
  const key = options.try ? await readSecret('the key to try') : undefined;
  const readOptions = { hasOwner: options.user !== undefined };
  const file = await openFile(path, format, readOptions);
  const lines = readLines(file.input, format, readOptions);
  await onAdmin(options, async (admin) => {
    const rules = rulesOf(options);
    const trial = key === undefined ? undefined : createTrial(key, admin.table, rules);
    const preview = trial?.preview ?? (options.dryRun ? createPreview(admin.table) : undefined);
    const refusedLines: RefusedLine[] = [];
    const summary = await importLines(admin, lines, {
      ...{ rules, preview, signal: around.signal, concurrency: options.concurrency, after: options.after },
      onRefused(line, why) {
        if (options.json) refusedLines.push({ line, why });
        else around.progress.note(`line ${line}: ${why}`);
      },
      onKept: (line, columns) => around.progress.note(`line ${line}: left as the table has it: ${columns.join(', ')}`),
      onWeak: (line, why) => around.progress.note(`line ${line}: key can be guessed, and was let in: ${why}`),
      onProgress: createShow(around.progress, file.lines),
    }).catch(tellHowToGoOn(around.progress, preview !== undefined));
    around.progress.end();
    const report = { summary, refusedLines, tried: await trial?.decide(), isDry: preview !== undefined };
    print(report, options, around);
  }).finally(() => file.input.destroy());
}

function rulesOf(options: Options): RowRules {
  const { importedPrefixes, environment, prefix, user, allowWeak, keysLikeHashes } = options;
  return { importedPrefixes, environment, keyPrefix: prefix, owner: user, allowWeak, keysLikeHashes };
}

function print({ summary, refusedLines, tried, isDry }: Report, { json }: Options, around: Surroundings): void {
  const { out, err, signal } = around;
  if (json) out(formatJson({ ...summary, refusedLines, tried }));
  else out([formatSummary(summary, isDry), ...(tried === undefined ? [] : [tried.text])].join('\n'));
  if (signal.aborted) err(`Stopped. ${howToGoOn(summary, isDry)}`);
  const isGood = tried?.isAllowed ?? summary.refused === 0;
  if (!isGood || signal.aborted) process.exitCode = 1;
}

function tellHowToGoOn(progress: Progress, isDry: boolean): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ImportStopped)) throw error;
    const { cause, summary } = error;
    // With a header that isn't understood, say, nothing was begun.
    if (summary.lines === 0 && cause instanceof FileRefused) {
      throw new UsageError(`${cause.message} Nothing was written.`, { cause });
    }
    progress.note(`gatepass: ${error.message} ${howToGoOn(summary, isDry)}`);
    throw cause;
  };
}

function howToGoOn({ doneUpTo }: ImportSummary, isDry: boolean): string {
  return isDry ? 'Nothing was written, so start from the beginning.' : `Go on with --after ${doneUpTo}.`;
}

/** Shows how many lines are done, and of how many if that is known. */
function createShow(progress: Progress, total: number | undefined): (summary: Readonly<ImportSummary>) => void {
  const startedAt = Date.now();
  return ({ lines, doneUpTo }) => {
    const rate = Math.round(lines / Math.max(0.001, (Date.now() - startedAt) / 1000));
    const bar = total ? `${formatBar(Math.min(1, doneUpTo / total))}  ` : '';
    progress.show(`${bar}${lines} lines, ${rate} a second`);
  };
}
