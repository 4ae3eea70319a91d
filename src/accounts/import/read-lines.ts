import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

/** One line of the file with its number, or what is wrong with it. */
export type Line =
  | { readonly number: number; readonly raw: Readonly<Record<string, unknown>> }
  | { readonly number: number; readonly problem: string };

/** Reads CSV with a header line, or JSON lines, as the stream comes: memory doesn't grow with the file. */
export function readLines(input: Readable, format: 'csv' | 'jsonl'): AsyncGenerator<Line> {
  return format === 'csv' ? readCsv(input) : readJsonLines(input);
}

async function* readCsv(input: Readable): AsyncGenerator<Line> {
  const parser = input.pipe(
    parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }),
  );
  input.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser) {
      const problem = info.error?.code === undefined ? undefined : 'it has more or fewer cells than the header';
      yield problem === undefined ? { number: info.lines, raw: record } : { number: info.lines, problem };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own message holds a part of the cell, and so of a key.
    throw new Error(`The file can't be read on from line ${error['lines']}: a quote is out of place (${error.code}).`);
  }
}

async function* readJsonLines(input: Readable): AsyncGenerator<Line> {
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    // trim() takes a byte order mark away too.
    if (text.trim() !== '') yield parseJson(text.trim(), number);
  }
}

function parseJson(text: string, number: number): Line {
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return { number, raw: { ...raw } };
  } catch {
    // as bad as JSON that is no object
  }
  return { number, problem: 'it is not a JSON object' };
}
