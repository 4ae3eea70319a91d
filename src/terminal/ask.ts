import { createInterface } from 'node:readline';
import type { TerminalInput } from './read-secret.ts';

/** What is typed, trimmed; nothing when the terminal is closed instead, by Ctrl-C or Ctrl-D. */
export function ask(question: string, input: TerminalInput = process.stdin): Promise<string | undefined> {
  const terminal = createInterface({ input, output: process.stderr });
  let leave = () => {};
  return new Promise<string | undefined>((resolve) => {
    leave = () => {
      process.stderr.write('\n');
      resolve(undefined);
    };
    terminal.once('close', leave);
    terminal.question(question, (answer) => resolve(answer.trim()));
    // Not all listeners: by its own, the interface lets go of the terminal, for the next question.
  }).finally(() => terminal.off('close', leave).close());
}
