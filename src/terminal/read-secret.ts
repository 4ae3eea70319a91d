import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { UsageError } from './usage-error.ts';

/** Standard input, which may be a terminal. */
export type TerminalInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Lines that follow a line within this time were pasted with it. */
const PASTE_MS = 100;

/**
 * Reads a secret: what is piped in, or what a person pastes, which the terminal doesn't show. An argument would stay in
 * the shell's history and the process list.
 *
 * @param what names it, as "the key".
 * @throws UsageError when there is none.
 */
export async function readSecret(what: string, input: TerminalInput = process.stdin): Promise<string> {
  const given = (await (input.isTTY ? paste(what, input) : text(input))).trim();
  if (given === '') throw new UsageError(`There is nothing on standard input: pipe or paste ${what}.`);
  return given;
}

/** Reads to the end of the pasted text: none of its lines is left for the shell to run and remember. */
function paste(what: string, input: TerminalInput): Promise<string> {
  process.stderr.write(`Paste ${what} and press Enter (it is not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: nowhere, terminal: true });
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  return new Promise<string>((resolve, reject) => {
    terminal.on('line', (line) => {
      lines.push(line);
      clearTimeout(timer);
      timer = setTimeout(() => terminal.close(), PASTE_MS);
    });
    terminal.once('SIGINT', () => reject(new UsageError(`No one pasted ${what}.`)));
    terminal.once('close', () => resolve([...lines, terminal.line].join('\n')));
  }).finally(() => {
    clearTimeout(timer);
    terminal.close();
    process.stderr.write('\n');
  });
}
