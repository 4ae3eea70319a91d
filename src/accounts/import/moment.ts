import { readIsoDate } from '../iso-date.ts';
import type { Column } from './columns.ts';

/** The end of 1999: what is earlier was meant as something else, a duration or "never". */
const EARLIEST_SECONDS = 946_684_799;

/**
 * Reads a moment: epoch seconds, or a date as ISO 8601 writes it. A day alone is its first second in UTC.
 *
 * @returns epoch seconds.
 */
export function momentCell(text: string | undefined, column: Column): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? readSeconds(text, column) : readDate(text, column);
  if (seconds > EARLIEST_SECONDS) return seconds;
  throw new Error(
    `${column} is before the year 2000: leave it out for "never" or "not known", and write a day as 2026-11-24`,
  );
}

function readSeconds(text: string, column: Column): number {
  if (text.length <= 10) return Number(text);
  if (text.length === 13) throw new Error(`${column} is in milliseconds: give seconds, without the last three digits`);
  throw neither(column);
}

function readDate(text: string, column: Column): number {
  const seconds = readIsoDate(text);
  switch (seconds) {
    case 'other':
      throw neither(column);
    case 'no_zone':
      throw new Error(`${column} has no time zone: say it, as 2026-11-24T08:15:30Z for UTC`);
    case 'not_there':
      throw new Error(`${column} is a day or a time that there is not`);
    default:
      return seconds;
  }
}

function neither(column: Column): Error {
  return new Error(`${column} is neither a date (2026-11-24T08:15:30Z) nor whole epoch seconds`);
}
