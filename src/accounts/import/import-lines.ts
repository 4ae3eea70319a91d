import { toSeconds } from '../../seconds.ts';
import type { TableAndClock } from '../admin.ts';
import type { Preview } from './preview.ts';
import type { Line } from './read-lines.ts';
import { createRowReader, type ImportedKey, type ImportRow, RowRefused, type RowRules } from './row.ts';
import { targetOf } from './target.ts';
import { createTurns } from './turns.ts';
import { loadWords } from './words.ts';
import { type RowOutcome, writeRow } from './write-row.ts';

export interface ImportSummary {
  /** Lines that are done, the refused ones too. */
  lines: number;
  usersCreated: number;
  keysCreated: number;
  keysUnchanged: number;
  /** Of those two, keys that can be guessed, which were allowed. */
  keysWeak: number;
  /** Of those two, keys of which only the hash is known. */
  keysHashed: number;
  refused: number;
  /** Lines of which something was left as the table has it. */
  kept: number;
  /** What the function's GATEPASS_IMPORTED_PREFIXES must have for the keys, those of hashes aside; `*` for any. */
  importedPrefixes: readonly string[];
  /** All lines up to this one are done; a run that was cut off may go on after it. */
  doneUpTo: number;
}

export interface ImportOptions {
  readonly rules: RowRules;
  /** How many lines are written at a time. */
  readonly concurrency: number;
  /** Writes there instead of to the table: a dry run. */
  readonly preview?: Preview | undefined;
  /** Lines up to this one are passed over. */
  readonly after?: number;
  /** Stops taking new lines; those in hand are finished. */
  readonly signal?: AbortSignal;
  readonly onRefused: (line: number, why: string) => void;
  /** A line was imported whose key can be guessed. */
  readonly onWeak?: (line: number, why: string) => void;
  /** Something of a line was left as the table has it: these columns. */
  readonly onKept?: (line: number, columns: readonly string[]) => void;
  readonly onProgress?: (summary: Readonly<ImportSummary>) => void;
}

/** With more prefixes than this, a list of them is of no use. */
const MAX_PREFIXES = 20;

/**
 * Imports lines as fast as the table takes them, a fixed number at a time, in memory that doesn't grow.
 *
 * A line that is refused changes nothing and stops nothing. A table that can't be written stops the import: repeat it,
 * whole or after `doneUpTo`.
 *
 * @throws ImportStopped when the table or the file fails.
 */
export async function importLines(
  { table, now }: TableAndClock,
  lines: AsyncGenerator<Line>,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { rules, concurrency, preview, after = 0, signal, onRefused, onWeak, onKept, onProgress } = options;
  const summary: ImportSummary = {
    ...{ lines: 0, usersCreated: 0, keysCreated: 0, keysUnchanged: 0, keysWeak: 0, keysHashed: 0, refused: 0 },
    kept: 0,
    importedPrefixes: [],
    doneUpTo: after,
  };
  const target = preview ?? targetOf(table);
  const prefixes = new Set<string>();
  const inHand = new Set<number>();
  const inTurn = createTurns((error) => !(error instanceof RowRefused));
  const readRow = createRowReader(rules, await loadWords());
  let lastTaken = after;
  let failure: unknown;

  async function work(): Promise<void> {
    while (failure === undefined && signal?.aborted !== true) {
      const line = await read();
      if (line === undefined) return;
      if (line.number <= after) continue;
      lastTaken = Math.max(lastTaken, line.number);
      inHand.add(line.number);
      await take(line).catch((error: unknown) => {
        failure ??= error;
      });
      // A line that failed stays in hand, so that nothing after it counts as done.
      if (failure !== undefined) return;
      inHand.delete(line.number);
      summary.lines++;
      summary.doneUpTo = inHand.size === 0 ? lastTaken : Math.min(...inHand) - 1;
      onProgress?.(summary);
    }
  }

  async function read(): Promise<Line | undefined> {
    try {
      const next = await lines.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      failure ??= error;
      return undefined;
    }
  }

  async function take(line: Line): Promise<void> {
    if ('problem' in line) return refuse(line.number, line.problem);
    try {
      const row = readRow(line.raw);
      const names = row.key === undefined ? [row.userId] : [row.userId, row.key.hash];
      count(row, await inTurn(names, () => writeRow(target, row, toSeconds(now()))), line.number);
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      refuse(line.number, error.message);
    }
  }

  function refuse(line: number, why: string): void {
    summary.refused++;
    onRefused(line, why);
  }

  function count(row: ImportRow, { user, key, kept }: RowOutcome, line: number): void {
    if (user === 'created') summary.usersCreated++;
    if (key === 'created') summary.keysCreated++;
    if (key === 'unchanged') summary.keysUnchanged++;
    if (row.key !== undefined) countKey(row.key, line);
    if (kept.length === 0) return;
    summary.kept++;
    onKept?.(line, kept);
  }

  function countKey({ prefix, weakness }: ImportedKey, line: number): void {
    if (prefix === undefined) summary.keysHashed++;
    else prefixes.add(prefix);
    if (weakness === undefined) return;
    summary.keysWeak++;
    onWeak?.(line, weakness);
  }

  await Promise.all(Array.from({ length: concurrency }, work));
  // Lets go of the file where it was not read to its end.
  await lines.return(undefined);
  const isAny = prefixes.has('*') || prefixes.size > MAX_PREFIXES;
  summary.importedPrefixes = isAny ? ['*'] : [...prefixes].toSorted();
  if (failure !== undefined) throw new ImportStopped(summary, { cause: failure });
  return summary;
}

/** The table could not be written, or the file not read on. What was done is in `summary`. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
  readonly summary: ImportSummary;

  constructor(summary: ImportSummary, options: ErrorOptions) {
    super(`The import stopped: all lines up to ${summary.doneUpTo} are done.`, options);
    this.summary = summary;
  }
}
