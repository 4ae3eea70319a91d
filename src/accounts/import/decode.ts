import { isUtf8 } from 'node:buffer';

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
    if (!isUtf8(block) || block.includes(0)) throw notUtf8(line + goodLines(block));
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
    if (rest.length > MAX_LINE_BYTES) throw new FileRefused(`A line after line ${lines} is longer than 1 MB.`);
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

function notUtf8(line: number): FileRefused {
  return new FileRefused(
    `Line ${line} is not UTF-8. Convert the file, as by: iconv -f WINDOWS-1252 -t UTF-8 users.csv > utf8.csv`,
  );
}
