/** The last second that a policy's date can name: 9999-12-31T23:59:59Z. */
export const LAST_SECOND = 253_402_300_799;

/** A moment in whole epoch seconds: the second that it lies in. */
export function toSeconds(epochMilliseconds: number): number {
  return Math.floor(epochMilliseconds / 1000);
}

/** A second for policies and people: `2026-11-24T08:15:30Z`. */
export function formatSecond(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, -'.000Z'.length)}Z`;
}
