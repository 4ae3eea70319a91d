import { createInterface } from 'node:readline/promises';
import { UsageError } from './connect.ts';

/**
 * Has a destructive command confirmed: by `--yes`, or by a person at the terminal. Says what will be done either way.
 *
 * @throws UsageError when there is nobody to ask, so that a script never destroys by default.
 */
export async function confirm(what: string, yes: boolean | undefined): Promise<boolean> {
  process.stderr.write(`${what}\n`);
  if (yes) return true;
  if (!process.stdin.isTTY) throw new UsageError('There is no terminal to ask on: give --yes to go ahead.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Go ahead? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
