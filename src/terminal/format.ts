import stringWidth from 'string-width';
import { formatSecond } from '../seconds.ts';

export type Row = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Rows as aligned columns, headed by their names; absent values are blank.
 *
 * Widths are those on a terminal, where an East Asian letter or an emoji takes two columns. Control characters, which
 * could write elsewhere on the terminal, are left out.
 */
export function formatTable(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => withoutControls(String(row[name] ?? ''))))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => stringWidth(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The text without control characters (Unicode category Cc). */
export function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '');
}

export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Epoch seconds as an ISO 8601 time in UTC, to the second. */
export function formatTime(epochSeconds: number | undefined): string | undefined {
  return epochSeconds === undefined ? undefined : formatSecond(epochSeconds);
}
