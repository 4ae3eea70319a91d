import { CsvError, parse } from 'csv-parse/sync';
import { AdminError } from './admin-error.ts';
import { textOf } from './input.ts';

export interface MovePair {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Reads whom to move to whom: CSV, a line `OLD,NEW` a user; a first line `old,new` is passed over.
 *
 * The whole is read and checked before anybody is moved. Nobody may stand in it twice, on whichever side, since the
 * outcome would depend on the order; but several may be moved to one.
 *
 * @throws AdminError `invalid_input` that names the line.
 */
export function readMoves(bytes: Uint8Array): readonly MovePair[] {
  const pairs = rowsOf(bytes).flatMap(({ record, info }) => pairOf(record, info.lines) ?? []);
  assertOrderless(pairs);
  return pairs;
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function rowsOf(bytes: Uint8Array): readonly Row[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // With `info` each row is an object of its cells and its place, which the package's types don't know.
    return parse(text, {
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    }) as unknown as Row[];
  } catch (error) {
    if (error instanceof TypeError) throw new AdminError('invalid_input', 'The map is not UTF-8. Nobody was moved.');
    // Its own message holds a part of the line.
    throw error instanceof CsvError ? refused(error['lines'], `a quote is out of place (${error.code})`) : error;
  }
}

function pairOf(cells: readonly string[], line: number): MovePair | undefined {
  const [from = '', to = ''] = cells;
  if (line === 1 && from === 'old' && to === 'new') return undefined;
  if (cells.length !== 2) throw refused(line, 'it must have two cells, the old id and the new one');
  try {
    return { line, from: textOf('old id', from), to: textOf('new id', to) };
  } catch (error) {
    throw error instanceof AdminError ? refused(line, error.message) : error;
  }
}

function assertOrderless(pairs: readonly MovePair[]): void {
  const moved = new Map<string, number>();
  for (const { line, from } of pairs) {
    const before = moved.get(from);
    if (before !== undefined) throw refused(line, `${from} is moved on line ${before} already`);
    moved.set(from, line);
  }
  for (const { line, to } of pairs) {
    const moving = moved.get(to);
    if (moving !== undefined) throw refused(line, `${to} is to be moved itself, on line ${moving}`);
  }
}

function refused(line: unknown, why: string): AdminError {
  return new AdminError('invalid_input', `Line ${String(line)} of the map: ${why}. Nobody was moved.`);
}
