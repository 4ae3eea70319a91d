import { isDeepStrictEqual } from 'node:util';
import type { Last } from '../table/usage.ts';
import type { AddressSet, HourSets } from '../table/usage-hours.ts';
import { addTo, type FoldedHour, type FoldedLines } from './fold.ts';
import { joinLast } from './last.ts';

/** What a recorder knows the table to hold of a key, so that it doesn't write it again. */
export interface KnownKey {
  /** As it was last read or written. */
  last: Last | undefined;
  /** The latest hour that was written, and what of it is there. */
  hour: string;
  sets: FoldedHour;
  readonly full: Set<AddressSet>;
}

/** How many keys are kept in mind. Of another key what is there already is written once more. */
const MAX_KEYS = 50_000;

export interface Memory {
  of(keyId: string): KnownKey;
}

export function createMemory(maxKeys = MAX_KEYS): Memory {
  const keys = new Map<string, KnownKey>();
  return {
    of(keyId) {
      const known = keys.get(keyId) ?? { last: undefined, hour: '', sets: noSets(), full: new Set() };
      // Those that were asked for longest ago come first.
      keys.delete(keyId);
      keys.set(keyId, known);
      const [oldest] = keys.size > maxKeys ? keys.keys() : [];
      if (oldest !== undefined) keys.delete(oldest);
      return known;
    },
  };
}

/** What of an hour isn't known to be in the table; nothing: all is. */
export function unknownOf(known: KnownKey, hour: string, sets: HourSets): HourSets | undefined {
  const isSame = known.hour === hour;
  const minutes = without(sets.minutes, isSame ? known.sets.minutes : new Map());
  const addresses = without(sets.addresses, isSame ? known.sets.addresses : new Map());
  if (isSame) for (const name of known.full) addresses.delete(name);
  return minutes.size + addresses.size === 0 ? undefined : { minutes, addresses };
}

/** Whether lines tell anything that isn't known to be in the table. */
export function isNews(known: KnownKey, { hours, last }: FoldedLines): boolean {
  if ([...hours].some(([hour, sets]) => unknownOf(known, hour, sets) !== undefined)) return true;
  return !isDeepStrictEqual(joinLast(known.last ?? {}, last), joinLast(known.last ?? {}, {}));
}

/** Keeps in mind what has been written. An hour before the latest one isn't. */
export function remember(known: KnownKey, hour: string, sets: HourSets, full: ReadonlySet<AddressSet>): void {
  if (hour < known.hour) return;
  if (hour > known.hour) {
    known.hour = hour;
    known.sets = noSets();
    known.full.clear();
  }
  for (const [name, values] of sets.minutes) for (const value of values) addTo(known.sets.minutes, name, value);
  for (const [name, values] of sets.addresses) {
    // Which of too many are there isn't known, and no other gets in.
    if (full.has(name)) known.full.add(name);
    else for (const value of values) addTo(known.sets.addresses, name, value);
  }
}

function noSets(): FoldedHour {
  return { minutes: new Map(), addresses: new Map() };
}

function without<Name, Value>(
  sets: ReadonlyMap<Name, ReadonlySet<Value>>,
  known: ReadonlyMap<Name, ReadonlySet<Value>>,
): Map<Name, Set<Value>> {
  const left = [...sets].map(([name, set]) => {
    return [name, new Set([...set].filter((value) => known.get(name)?.has(value) !== true))] as const;
  });
  return new Map(left.filter(([, { size }]) => size > 0));
}
