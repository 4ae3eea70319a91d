const DAY_MS = 86_400_000;

/** `YYYY-MM-DDTHH`, UTC, of epoch milliseconds. */
export function hourOf(at: number): string {
  return new Date(at).toISOString().slice(0, 13);
}

/** `YYYY-MM-DD`, UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** So many days, the last of which is that of a moment; the earliest first. */
export function daysUpTo(at: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => dayOf(at - (count - 1 - index) * DAY_MS));
}
