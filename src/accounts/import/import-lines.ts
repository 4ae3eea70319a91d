import type { Clock } from '../../decision.ts';
import type { Table } from '../../table/table.ts';
import type { Line } from './read-lines.ts';
import { parseRow, RowRefused, type RowRules } from './row.ts';
import { type RowOutcome, writeRow } from './write-row.ts';

export interface ImportSummary {
  lines: number;
  usersCreated: number;
  keysCreated: number;
  keysUnchanged: number;
  refused: number;
  /** All lines up to this one are done; a run that was cut off may go on after it. */
  doneUpTo: number;
}

export interface ImportOptions {
  readonly rules: RowRules;
  readonly now: Clock;
  /** How many lines are written at a time. */
  readonly concurrency: number;
  /** Checks the lines and writes nothing. */
  readonly dryRun?: boolean;
  /** Lines up to this one are passed over. */
  readonly after?: number;
  /** Stops taking new lines; those in hand are finished. */
  readonly signal?: AbortSignal;
  readonly onRefused: (line: number, why: string) => void;
  readonly onProgress?: (summary: Readonly<ImportSummary>) => void;
}

/**
 * Imports lines as fast as the table takes them, a fixed number at a time, in memory that doesn't grow.
 *
 * A line that is refused changes nothing and stops nothing. A table that can't be written stops the import: repeat it,
 * whole or after `doneUpTo`.
 */
export async function importLines(
  table: Table,
  lines: AsyncGenerator<Line>,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { rules, now, concurrency, dryRun, after = 0, signal, onRefused, onProgress } = options;
  const summary: ImportSummary = {
    lines: 0,
    usersCreated: 0,
    keysCreated: 0,
    keysUnchanged: 0,
    refused: 0,
    doneUpTo: after,
  };
  const inHand = new Set<number>();
  const inTurn = createTurns();
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
    summary.lines++;
    if ('problem' in line) return refuse(line.number, line.problem);
    try {
      const row = parseRow(line.raw, rules);
      if (!dryRun) count(await inTurn(row.userId, () => writeRow(table, row, Math.floor(now() / 1000))));
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      refuse(line.number, error.message);
    }
  }

  function refuse(line: number, why: string): void {
    summary.refused++;
    onRefused(line, why);
  }

  function count({ user, key }: RowOutcome): void {
    if (user === 'created') summary.usersCreated++;
    if (key === 'created') summary.keysCreated++;
    if (key === 'unchanged') summary.keysUnchanged++;
  }

  await Promise.all(Array.from({ length: concurrency }, work));
  if (failure !== undefined) throw new ImportStopped(summary, { cause: failure });
  return summary;
}

/**
 * Lets the lines of one user wait for each other, so that it is the first of them that makes the account, and not by
 * chance another that tells less of it. A line that is refused holds up nothing; after a failure nothing is written.
 */
function createTurns(): (userId: string, write: () => Promise<RowOutcome>) => Promise<RowOutcome> {
  const last = new Map<string, Promise<unknown>>();
  return async (userId, write) => {
    const before = last.get(userId) ?? Promise.resolve();
    const turn = before.then(write, (error: unknown) => {
      if (error instanceof RowRefused) return write();
      throw error;
    });
    last.set(userId, turn);
    try {
      return await turn;
    } finally {
      if (last.get(userId) === turn) last.delete(userId);
    }
  };
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
