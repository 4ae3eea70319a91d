import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../terminal/usage-error.ts';
import { type Case, EVENTS, readCases } from './cases.ts';
import { assertPlaceholders } from './demo-credentials.ts';

export interface EventFile {
  /** The event as JSON, with placeholders where credentials go. */
  readonly text: string;
  /** The case that it is, if it is one of `events/`. */
  readonly case?: Case;
}

/**
 * Reads the event that a command was given: a file of the user's own, or one of `events/`, as the case of its name or as
 * another of its cases.
 *
 * @throws UsageError when there is no such file or case, or when the file holds no JSON object.
 */
export function readEventFile(file: string, caseName: string | undefined): EventFile {
  // npm runs scripts in the repository's root; a relative path is meant from where the user is.
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  const text = readText(path);
  const cases = casesOf(path);
  const found = cases.find(({ name, event }) => name === (caseName ?? event));
  if (caseName !== undefined && found === undefined) {
    const names = cases.map(({ name }) => name).join(', ') || 'none, since it is not one of events/';
    throw new UsageError(`${file} has no case ${caseName}. Its cases: ${names}.`);
  }
  if (found !== undefined) return { text: found.text, case: found };
  assertEvent(text, file);
  return { text };
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    // PowerShell's `>` writes UTF-16.
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8';
    return bytes.toString(encoding).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(reasonOf(error, path));
  }
}

function reasonOf(error: unknown, path: string): string {
  switch (error instanceof Error && 'code' in error && error.code) {
    case 'ENOENT':
      return `There is no file ${path}.`;
    case 'EISDIR':
      return `${path} is a directory: give an event file.`;
    default:
      return `${path} cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}

/** The cases of a file that lies in `events/`. */
function casesOf(path: string): readonly Case[] {
  const real = realpathSync(path);
  if (dirname(real) !== realpathSync(fileURLToPath(EVENTS))) return [];
  return readCases().filter(({ event }) => event === basename(real, '.json'));
}

function assertEvent(text: string, file: string): void {
  if (text.trim() === '') throw new UsageError(`${file} is empty: it must hold an event as JSON.`);
  if (!isObject(text)) throw new UsageError(`${file} does not hold an event, which is a JSON object.`);
  assertPlaceholders(text);
}

/** The parser's own message would quote the text, and with it a credential. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
