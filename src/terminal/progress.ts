import type { Output } from './output.ts';

export interface Progress {
  /** Replaces the line. */
  show(text: string): void;
  /** Writes a line that stays, above the one that is replaced. */
  note(text: string): void;
  /** Removes the line. */
  end(): void;
}

/** What of standard error a progress line needs. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

/** How often the line is drawn at most: smoothly for a person, now and then for a log. */
const TERMINAL_MS = 100;
const LOG_MS = 10_000;

const CLEAR_LINE = '\r\u001b[2K';

/** Shows how far long work is: on a terminal by one line that changes, in a log by a line each ten seconds. */
export function createProgress(err: Output['err'], stream: ProgressStream = process.stderr): Progress {
  let drawnAtMs = stream.isTTY ? Number.NEGATIVE_INFINITY : Date.now();
  let latest = '';
  let isDrawn = false;
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    timer = undefined;
    drawnAtMs = Date.now();
    if (stream.isTTY) {
      // Some terminals don't tell their width. A line that wraps could not be cleared.
      stream.write(CLEAR_LINE + latest.slice(0, (stream.columns || 80) - 1));
      isDrawn = true;
    } else {
      err(latest);
    }
  }

  function clear(): void {
    if (isDrawn) stream.write(CLEAR_LINE);
    isDrawn = false;
  }

  return {
    show(text) {
      latest = text;
      const waitMs = drawnAtMs + (stream.isTTY ? TERMINAL_MS : LOG_MS) - Date.now();
      if (waitMs <= 0) draw();
      else timer ??= setTimeout(draw, waitMs).unref();
    },
    note(text) {
      clear();
      err(text);
    },
    end() {
      clearTimeout(timer);
      timer = undefined;
      clear();
    },
  };
}

const BAR_WIDTH = 30;

/** A bar that is filled by a share from 0 to 1, and the share in per cent. */
export function formatBar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %`;
}
