/** Where a command writes, a line or several at a time: results to `out`, everything else to `err`. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** The status of a program that a closed pipe ended: 128 + SIGPIPE, as a shell reports it. */
const EXIT_BROKEN_PIPE = 141;

/**
 * This process's standard output and standard error.
 *
 * A reader that stops early, as `head` does, ends the process quietly: nobody is left to write for. Where standard
 * error is closed the work goes on without messages.
 */
export function standardOutput(): Output {
  process.stdout.on('error', endOnBrokenPipe);
  process.stderr.on('error', () => undefined);
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
  };
}

function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_BROKEN_PIPE);
}
