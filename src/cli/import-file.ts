import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FileRefused } from '../accounts/import/decode.ts';
import { type Format, type ReadOptions, readLines } from '../accounts/import/read-lines.ts';
import { UsageError } from '../terminal/usage-error.ts';

export interface OpenedFile {
  readonly input: Readable;
  /** The number of the last line; not known of a stream. */
  readonly lines: number | undefined;
}

/**
 * Opens a file for an import, `-` for standard input. A file is read once to its end before, so that one that can't be
 * read, far down maybe, is refused before anything is written.
 */
export async function openFile(path: string, format: Format, options: ReadOptions): Promise<OpenedFile> {
  if (path === '-') return { input: process.stdin, lines: undefined };
  const found = await stat(path).catch(unreadable(path));
  if (found.isDirectory()) throw new UsageError(`${path} is a directory: give a file.`);
  // What is no file, a pipe say, can be read but once.
  const lines = found.isFile() ? await lastLineOf(path, format, options).catch(unreadable(path)) : undefined;
  return { input: createReadStream(path), lines };
}

async function lastLineOf(path: string, format: Format, options: ReadOptions): Promise<number> {
  let last = 0;
  for await (const { number } of readLines(createReadStream(path), format, options)) last = number;
  return last;
}

function unreadable(path: string): (error: Error) => never {
  return (error) => {
    const message = error instanceof FileRefused ? error.message : `The file ${path} can't be read: ${error.message}.`;
    throw new UsageError(`${message} Nothing was written.`, { cause: error });
  };
}

export type FileFormat = 'csv' | 'jsonl';

/** The format that a file's name tells. */
export function formatOf(path: string): FileFormat {
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(path)) return 'jsonl';
  throw new UsageError(`Is ${path} CSV or JSON lines? Give --format csv or --format jsonl.`);
}
