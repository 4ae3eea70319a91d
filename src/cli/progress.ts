export interface ProgressBar {
  /** How far it is, in bytes read, and how many lines are done. */
  show(bytes: number, lines: number): void;
  /** A line of its own, above the bar. */
  note(text: string): void;
  end(): void;
}

const WIDTH = 30;

/** How often it is drawn: smoothly for a person, now and then for a log. */
const TERMINAL_MS = 100;
const LOG_MS = 10_000;

/**
 * Shows the progress of long work on standard error.
 *
 * @param total in bytes; without it there is a count instead of a bar.
 */
export function progressBar(total: number | undefined, write: (text: string) => void): ProgressBar {
  const isTerminal = process.stderr.isTTY;
  const startedAt = Date.now();
  let drawnAt = startedAt;

  function clear(): void {
    if (isTerminal) process.stderr.write('\r\u001b[K');
  }

  return {
    show(bytes, lines) {
      const now = Date.now();
      if (now - drawnAt < (isTerminal ? TERMINAL_MS : LOG_MS)) return;
      drawnAt = now;
      const rate = Math.round(lines / ((now - startedAt) / 1000));
      const text = `${share(bytes, total)}${lines} lines, ${rate} a second`;
      if (isTerminal) process.stderr.write(`\r\u001b[K${text}`);
      else write(text);
    },
    note(text) {
      clear();
      write(text);
    },
    end: clear,
  };
}

function share(bytes: number, total: number | undefined): string {
  if (!total) return '';
  const part = Math.min(1, bytes / total);
  const filled = Math.round(part * WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.round(part * 100)} %  `;
}
