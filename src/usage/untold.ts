import type { Last } from '../table/usage.ts';
import type { Unusual } from './unusual.ts';

/**
 * How long a recorder has for telling what it began to tell, in seconds: as long as the template lets it run, and Lambda
 * repeats a batch a minute after it failed.
 */
const LEASE = 60;

/** How much is kept for a topic that takes nothing. */
const MAX_UNTOLD = 10;

/** What a recorder began to tell, and has not by now. `now` in epoch seconds. */
export function leftUntold({ untold = [] }: Last, now: number): readonly Unusual[] {
  return untold.filter(({ since }) => since <= now - LEASE).map(({ since: _since, ...unusual }) => unusual);
}

/** Marks what is being told from now on, so that no other recorder tells it, unless this one doesn't come to it. */
export function beginTelling(last: Last, unusual: readonly Unusual[], now: number): Last {
  if (unusual.length === 0) return last;
  const told = { ...last.told };
  for (const { kind, day } of unusual) if (day > (told[kind] ?? '')) told[kind] = day;
  const telling = unusual.map((one) => ({ ...one, since: now }));
  return { ...last, told, untold: [...without(last.untold, unusual), ...telling].slice(-MAX_UNTOLD) };
}

/** What is left when something has been told. */
export function endTelling(last: Last, unusual: readonly Unusual[]): Last {
  const left = without(last.untold, unusual);
  return { ...last, untold: left.length > 0 ? left : undefined };
}

function without(untold: Last['untold'] = [], unusual: readonly Unusual[]): NonNullable<Last['untold']> {
  return untold.filter(({ kind, day }) => !unusual.some((one) => one.kind === kind && one.day === day));
}
