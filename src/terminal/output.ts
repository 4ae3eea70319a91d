import { type Redact, redactCredentials } from '../redact.ts';

/** Where a command writes, a line or several at a time. No credential reaches it, wherever it was put by mistake. */
export interface Output {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** A result that shows a credential on purpose: a new key, the one time it is shown. */
  reveal(text: string, credential: string): void;
}

/** The status of a program that a closed pipe ended: 128 + SIGPIPE, as a shell reports it. */
const EXIT_BROKEN_PIPE = 141;

/**
 * This process's standard output and standard error.
 *
 * A reader that stops early, as `head` does, ends the process quietly: nobody is left to write for. Where standard
 * error is closed the work goes on without messages.
 */
export function standardOutput(redact: Redact = redactCredentials): Output {
  process.stdout.on('error', endOnBrokenPipe);
  process.stderr.on('error', () => undefined);
  return redacting(
    (text) => void process.stdout.write(`${text}\n`),
    (text) => void process.stderr.write(`${text}\n`),
    redact,
  );
}

/** An output that takes credentials out of all that is written to it. */
export function redacting(out: Write, err: Write, redact: Redact): Output {
  return {
    out: (text) => out(redact(text)),
    err: (text) => err(redact(text)),
    reveal: (text, credential) => out(text.split(credential).map(redact).join(credential)),
  };
}

type Write = (text: string) => void;

function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_BROKEN_PIPE);
}
