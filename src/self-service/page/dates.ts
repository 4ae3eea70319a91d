const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** A moment as its reader's own calendar and clock have it. */
export function formatAbsolute(time: string): string {
  return absolute.format(new Date(time));
}

/** A day of UTC. */
export function formatDay(time: string): string {
  return date.format(new Date(time));
}

/** "in 3 days", "2 hours ago", in the largest unit that fits. */
export function formatRelative(time: string, now: number): string {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return relative.format(Math.trunc(seconds / size), unit);
}

export function daysSince(time: string, now: number): number {
  return (now - Date.parse(time)) / 86_400_000;
}
