import { isUtf8 } from 'node:buffer';
import { type Compression, compressionOf } from '../compression.ts';

/** The file is not one that lines can be read from, or its header is not understood. Holds no key. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/** A line that is longer is no line of users and keys, and would have to be held in memory whole. */
const MAX_LINE_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;
const UTF16_MARKS = { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] } as const;

/**
 * Decodes a file as text, in blocks of whole lines: UTF-8, or UTF-16 with a byte order mark, which is left out.
 *
 * @throws FileRefused for anything else, with the line: a letter of another encoding would become a replacement
 *   character, and two names or user ids the same one.
 */
export async function* decode(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const blocks = wholeLines(input);
  const first = await blocks.next();
  if (first.done) return;
  for (const [encoding, mark] of Object.entries(UTF16_MARKS)) {
    if (mark.every((byte, index) => first.value[index] === byte)) {
      return yield* decodeUtf16(joined(first.value, blocks), encoding);
    }
  }
  let line = 1;
  for await (const block of joined(first.value, blocks)) {
    if (!isUtf8(block) || block.includes(0)) throw noText(line + goodLines(block), block, first.value);
    const text = block.toString('utf8');
    yield line === 1 ? text.replace(/^\ufeff/, '') : text;
    line += countLines(text);
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

/** The same bytes, in blocks that end with a line, the last one aside. */
async function* wholeLines(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let lines = 0;
  for await (const chunk of input) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rest = bytes.subarray(end);
    if (rest.length > MAX_LINE_BYTES)
      throw new FileRefused(`A line after line ${lines} is longer than 1 MB, or its end is no line feed.`);
    if (end === 0) continue;
    for (const byte of bytes.subarray(0, end)) if (byte === LINE_FEED) lines++;
    yield bytes.subarray(0, end);
  }
  if (rest.length > 0) yield rest;
}

async function* joined(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

async function* decodeUtf16(blocks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const block of blocks) yield decoder.decode(block, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new FileRefused('The file begins as UTF-16 and goes on as something else.');
    throw error;
  }
}

/** How many lines of a block are good, up to the first that isn't. */
function goodLines(block: Buffer): number {
  let good = 0;
  for (let start = 0; start < block.length; good++) {
    const end = block.indexOf(LINE_FEED, start) + 1 || block.length;
    const line = block.subarray(start, end);
    if (!isUtf8(line) || line.includes(0)) return good;
    start = end;
  }
  return good;
}

/** What files are that hold no text, and what to do instead. */
const NO_TEXT: Readonly<Partial<Record<Compression, string>>> = {
  gzip: 'compressed by gzip: import what "zcat FILE" gives, by "gatepass import -".',
  zip: 'a ZIP archive or a workbook: unpack it, or save the sheet as CSV UTF-8.',
};

/** @param start of the file, which tells what it is. */
function noText(line: number, block: Buffer, start: Buffer): FileRefused {
  const compression = compressionOf(start);
  const is = compression && NO_TEXT[compression];
  if (is !== undefined) return new FileRefused(`The file is ${is}`);
  // In UTF-16 one of the two bytes of an ASCII letter is zero.
  const encoding = start[1] === 0 ? 'UTF-16LE' : start[0] === 0 ? 'UTF-16BE' : 'WINDOWS-1252';
  if (isUtf8(block) && encoding === 'WINDOWS-1252') {
    return new FileRefused(`Line ${line} holds a NUL character, which no text has: take it out.`);
  }
  return new FileRefused(
    `Line ${line} is not UTF-8. Convert the file, as by: iconv -f ${encoding} -t UTF-8 users.csv > utf8.csv`,
  );
}
