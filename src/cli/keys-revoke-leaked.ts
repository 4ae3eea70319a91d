import { Command, InvalidArgumentError, Option } from 'commander';
import type { LeakedKey } from '../accounts/leak/leaked-key.ts';
import { type LeakReport, MAX_READS, revokeLeaked } from '../accounts/leak/revoke-leaked.ts';
import type { ImportedPrefixes } from '../key-format/imported.ts';
import { formatJson, formatTable, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { toRow } from './keys-output.ts';
import { wholeNumber } from './option-values.ts';
import { checkedOption } from './variable-option.ts';

/** The exit status that says that a secret worked until now. */
const SOMETHING_LIVE = 3;

interface Options extends ConnectOptions {
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly where?: string;
  readonly importedPrefixes?: ImportedPrefixes;
  readonly importedPattern?: RegExp;
  readonly maxReads: number;
}

const HELP = `
A key whose secret is found is disabled, and only "gatepass keys rotate" brings it back, with another secret. Of a
secret that a rotation replaced, the grace ends. What had ended already changes nothing.

Exit status: 0 nothing found that works, 3 something that worked until now (with --dry-run: that works), 1 failed or not
looked through to the end, 2 wrong usage.

Examples:
  gatepass keys revoke-leaked --table gatepass < paste.txt
  gitleaks git --report-format json --report-path - | gatepass keys revoke-leaked --table gatepass
  zcat app.log.gz | gatepass keys revoke-leaked --dry-run --imported-prefixes sk_ --table gatepass --json`;

/** `gatepass keys revoke-leaked`: ends whatever works of the keys that a text holds, and shows none of them. */
export function revokeLeakedCommand(output: Output): Command {
  return withTable(new Command('revoke-leaked'))
    .description('find keys in what was found in public (on standard input, of any kind and length) and end them')
    .addOption(new Option('--disable', 'disable keys whose secret is found (as without it)').conflicts('delete'))
    .option('--delete', 'delete them for good instead')
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--where <url>', 'where it was found, which is kept with the key; a report of a scanner tells more')
    .addOption(checkedOption('GATEPASS_IMPORTED_PREFIXES'))
    .option('--imported-pattern <regex>', 'what a whole imported key looks like, or its first group does', parsePattern)
    .option('--max-reads <n>', 'how many look-ups in the table there may be', wholeNumber(1, 10_000_000), MAX_READS)
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      if (options.importedPrefixes === 'any' && options.importedPattern === undefined) {
        throw new UsageError(
          'With the imported prefix * any word may be a key: give --imported-pattern too, or --imported-prefixes "".',
        );
      }
      const found: LeakedKey[] = [];
      // What was done before a failure is told too.
      const report = await revokeIn(options, output, found).catch((error: unknown) => {
        print(output, found, undefined, options);
        throw error;
      });
      print(output, found, report, options);
      if (!report.isComplete)
        throw new Error(
          `There are more look-ups to make than ${options.maxReads}: ${NOT_LOOKED_AT} Raise --max-reads.`,
        );
      if (found.some(({ wasLive }) => wasLive)) process.exitCode = SOMETHING_LIVE;
    });
}

const NOT_LOOKED_AT = 'the rest was not looked at.';

async function revokeIn(options: Options, { err }: Output, found: LeakedKey[]): Promise<LeakReport> {
  const input = process.stdin.isTTY ? [Buffer.from(await readSecret('what was found'))] : process.stdin;
  const progress = createProgress(err);
  // What was done until then is told too.
  const stop = () => process.stdin.destroy(new Error(`It was stopped: ${NOT_LOOKED_AT}`));
  process.once('SIGINT', stop);
  try {
    return await onAdmin(options, (admin) =>
      revokeLeaked(admin, input, {
        ...{ ...options, action: options.delete ? 'delete' : 'disable' },
        onFound: (key) => found.push(key),
        onProgress: ({ bytes }) => progress.show(`${megabytes(bytes)} read, ${found.length} keys found`),
      }),
    );
  } finally {
    process.off('SIGINT', stop);
    progress.end();
  }
}

function print(
  { out, err }: Output,
  found: readonly LeakedKey[],
  report: LeakReport | undefined,
  { json, dryRun = false }: Options,
): void {
  if (json) {
    out(formatJson({ ...report, keys: found.map(({ item, ...key }) => ({ ...item, ...key })) }));
  } else {
    if (found.length > 0) out(formatTable(found.map((key) => rowOf(key, dryRun))));
    if (report !== undefined) err(summaryOf(report, found));
  }
}

const DONE: Readonly<Record<LeakedKey['done'], string>> = {
  disabled: 'disabled',
  deleted: 'deleted',
  grace_ended: 'grace ended',
  marked: 'kept from being enabled',
  nothing: 'nothing',
};

function rowOf({ item, secret, wasLive, done, where }: LeakedKey, dryRun: boolean): Row {
  const { KEY, USER, NAME, STATE } = item ? toRow(item, Date.now()) : { KEY: '', USER: '', NAME: '', STATE: 'deleted' };
  const would = dryRun && done !== 'nothing' ? 'would be: ' : '';
  return {
    KEY,
    USER,
    NAME,
    STATE,
    SECRET: secret,
    WORKED: wasLive ? 'yes' : 'no',
    DONE: would + DONE[done],
    WHERE: where,
  };
}

function summaryOf({ bytes, reads, lookAlikes, unknownKeys }: LeakReport, found: readonly LeakedKey[]): string {
  const live = found.filter(({ wasLive }) => wasLive).length;
  const read = `${megabytes(bytes)} read, ${reads} ${reads === 1 ? 'look-up' : 'look-ups'}.`;
  const others = `Not of this table, or removed: ${unknownKeys}. Of wrong checksum: ${lookAlikes}.`;
  return `${read} Keys found: ${found.length}, of which ${live} worked. ${others}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function parsePattern(text: string): RegExp {
  const rule = 'It must be a regular expression of JavaScript, as sk_[0-9a-f]{32}, and not a key.';
  if (!/[[({\\]/.test(text)) throw new InvalidArgumentError(rule);
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError(rule);
  }
}
