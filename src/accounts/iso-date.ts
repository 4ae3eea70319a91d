// ISO 8601, with its parts: date, time, seconds and a fraction, offset from UTC.
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Reads a day, which is its first second in UTC, or a moment with its offset from UTC.
 *
 * @returns epoch seconds; or why not: `no_zone`, since it would be another moment elsewhere; `not_there`, as 30 February;
 *   `other`, what is no date.
 */
export function readIsoDate(text: string): number | 'no_zone' | 'not_there' | 'other' {
  const [whole, year, month, day, offset] = DATE.exec(text) ?? [];
  if (whole === undefined) return 'other';
  if (text.length > 'YYYY-MM-DD'.length && offset === undefined) return 'no_zone';
  const seconds = Math.floor(Date.parse(text) / 1000);
  // JavaScript takes 30 February for 2 March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isDay && !Number.isNaN(seconds) ? seconds : 'not_there';
}
