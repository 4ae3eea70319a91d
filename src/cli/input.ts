import { text } from 'node:stream/consumers';
import { UsageError } from './connect.ts';

/** Reads a credential from standard input: an argument would stay in the shell's history and the process list. */
export async function readStandardInput(what: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(`Paste ${what} and end with Ctrl-D:\n`);
  const given = (await text(process.stdin)).trim();
  if (given === '') throw new UsageError(`There is nothing on standard input: pipe ${what} in.`);
  return given;
}
