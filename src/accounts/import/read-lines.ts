import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { checkHeader, EXAMPLE_HEADER, readAwsHeader } from './columns.ts';
import { decode, FileRefused } from './decode.ts';

/** One line of the file with its number, or what is wrong with it. */
export type Line =
  | { readonly number: number; readonly raw: Readonly<Record<string, unknown>> }
  | { readonly number: number; readonly problem: string };

/** `aws`: AWS's own API key file, a CSV file with columns of other names. */
export type Format = 'csv' | 'jsonl' | 'aws';

const NO_OBJECT = 'it is not a JSON object';

export interface ReadOptions {
  /** Whether lines need name no user, since the import has an owner for those. */
  readonly hasOwner?: boolean | undefined;
}

/**
 * Reads CSV with a header line, or JSON lines, as the stream comes: memory doesn't grow with the file.
 *
 * Its first step throws FileRefused where the header is not understood; any step, where the file isn't UTF-8.
 */
export function readLines(input: Readable, format: Format, options: ReadOptions = {}): AsyncGenerator<Line> {
  const { hasOwner = false } = options;
  return format === 'jsonl' ? readJsonLines(input) : readCsv(input, format, hasOwner);
}

async function* readCsv(input: Readable, format: 'csv' | 'aws', hasOwner: boolean): AsyncGenerator<Line> {
  let header: readonly string[] | undefined;
  const parser = parse({
    columns(names: string[]) {
      header = names;
      const columns = format === 'aws' ? readAwsHeader(names) : names;
      checkHeader(
        columns.filter((name) => name !== false),
        hasOwner,
      );
      return columns;
    },
    ...{ trim: true, skip_empty_lines: true, relax_column_count: true, info: true },
    // By itself it would take the first that it meets for all: files are put together of others.
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  // Ends all of them when one fails or nobody reads on; what failed comes out of the parser.
  pipeline(Readable.from(decode(input)), parser, () => input.destroy());
  try {
    for await (const { record, info } of parser) {
      const problem = info.error === undefined ? findRepeated(record) : 'it has more or fewer cells than the header';
      yield problem === undefined ? { number: info.lines, raw: record } : { number: info.lines, problem };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own message holds a part of the cell, and so of a key.
    throw new FileRefused(
      `The file can't be read on from line ${error['lines']}: a quote is out of place (${error.code}).` +
        (header === undefined ? ' If it holds JSON lines, give --format jsonl.' : ''),
    );
  }
  if (header === undefined) throw new FileRefused(`The file is empty: it needs a header, as ${EXAMPLE_HEADER}.`);
}

/** Files that were put together have their headers in between: as a line, it would be a user named "userId". */
function findRepeated(record: Readonly<Record<string, string>>): string | undefined {
  const isHeader = Object.entries(record).every(([name, cell]) => cell.toLowerCase() === name.toLowerCase());
  return isHeader ? 'it is the header once more' : undefined;
}

async function* readJsonLines(input: Readable): AsyncGenerator<Line> {
  let number = 0;
  let isFirst = true;
  for await (const line of splitLines(decode(input))) {
    number++;
    if (line.trim() === '') continue;
    const read = parseJson(line, number);
    // The first line tells whether this is a file for an import at all.
    if (isFirst) checkFirst(read);
    isFirst = false;
    yield read;
  }
}

function checkFirst(line: Line): void {
  if ('raw' in line) checkHeader(Object.keys(line.raw), true);
  else if (line.problem === NO_OBJECT) throw noJsonLines(line.number);
}

function noJsonLines(line: number): FileRefused {
  return new FileRefused(
    `Line ${line} is not a JSON object, and each line must be one. ` +
      "Of JSON over several lines, or a list, make them by: jq -c '.[]?' users.json > users.jsonl",
  );
}

async function* splitLines(blocks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const block of blocks) {
    const lines = (rest + block).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseJson(text: string, number: number): Line {
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
      const problem = namesTwice(text, raw)
        ? 'it names something twice, and only one of the two could count'
        : undefined;
      return problem === undefined ? { number, raw: { ...raw } } : { number, problem };
    }
  } catch {
    // as bad as JSON that is no object
  }
  return { number, problem: NO_OBJECT };
}

/** JSON.parse takes the last of two members of one name (RFC 8259, section 4, leaves it open). */
function namesTwice(text: string, object: object): boolean {
  const names = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined);
  return names.length > countNames(object);
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, member) => sum + countNames(member), own);
}
