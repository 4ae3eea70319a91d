import { isDeepStrictEqual } from 'node:util';
import type { Last } from '../table/usage.ts';
import type { AddressSet, HourSets } from '../table/usage-hours.ts';
import type { FoldedLines } from './fold.ts';
import { joinLast } from './last.ts';

/** What a recorder knows the table to hold of a key, so that it doesn't write it again. */
export interface KnownKey {
  /** As it was last read or written. */
  last: Last | undefined;
  /** The latest hour that was written. */
  hour: string;
  /** The latest minute of each of its sets that was written: an earlier one is written once more. */
  readonly minutes: Map<string, number>;
  /** Its addresses. A set that is full takes no other, and which of too many are there isn't known. */
  readonly addresses: Map<AddressSet, Set<string> | 'full'>;
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
      const known = keys.get(keyId) ?? { last: undefined, hour: '', minutes: new Map(), addresses: new Map() };
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
  if (known.hour !== hour) return sets;
  const minutes = without(sets.minutes, (name, minute) => known.minutes.get(name) === minute);
  const addresses = without(sets.addresses, (name, address) => {
    const there = known.addresses.get(name);
    return there === 'full' || there?.has(address) === true;
  });
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
    known.minutes.clear();
    known.addresses.clear();
  }
  for (const [name, values] of sets.minutes) {
    known.minutes.set(name, Math.max(known.minutes.get(name) ?? 0, ...values));
  }
  for (const [name, values] of sets.addresses) {
    const there = known.addresses.get(name) ?? new Set();
    if (there === 'full') continue;
    for (const value of values) there.add(value);
    known.addresses.set(name, full.has(name) ? 'full' : there);
  }
}

function without<Name, Value>(
  sets: ReadonlyMap<Name, ReadonlySet<Value>>,
  isKnown: (name: Name, value: Value) => boolean,
): Map<Name, Set<Value>> {
  const left = [...sets].map(
    ([name, set]) => [name, new Set([...set].filter((value) => !isKnown(name, value)))] as const,
  );
  return new Map(left.filter(([, { size }]) => size > 0));
}
