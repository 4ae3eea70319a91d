import { isDeepStrictEqual } from 'node:util';
import type { Last } from '../table/usage.ts';
import type { AddressSet, HourSets } from '../table/usage-hours.ts';
import type { FoldedLines } from './fold.ts';
import { joinLast } from './last.ts';

/** What a recorder knows the table to hold of a key, so that it doesn't write it again. Plain JSON. */
export interface KnownKey {
  /** As it was last read or written. */
  readonly last?: Last | undefined;
  /** The latest hour that was written. */
  readonly hour: string;
  /** The latest minute of each of its sets that was written: an earlier one is written once more. */
  readonly minutes: Readonly<Record<string, number>>;
  /** Its addresses. A set that is full takes no other, and which of too many are there isn't known. */
  readonly addresses: Readonly<Partial<Record<AddressSet, readonly string[] | 'full'>>>;
}

const NOTHING: KnownKey = { hour: '', minutes: {}, addresses: {} };

/** How much is kept in mind, in bytes: some 60,000 keys. Of another key what is there already is written once more. */
const MAX_BYTES = 24_000_000;

/** About what the id of a key takes with its place in a map. */
const ENTRY_BYTES = 112;

export interface Memory {
  of(keyId: string): KnownKey;
  keep(keyId: string, known: KnownKey): void;
}

/** Keeps text, since the same as objects takes several times the room. */
export function createMemory(maxBytes = MAX_BYTES): Memory {
  const keys = new Map<string, string>();
  let bytes = 0;

  function forget(keyId: string): void {
    const text = keys.get(keyId);
    if (text === undefined) return;
    keys.delete(keyId);
    bytes -= ENTRY_BYTES + text.length;
  }

  return {
    of(keyId) {
      const text = keys.get(keyId);
      return text === undefined ? NOTHING : JSON.parse(text);
    },
    keep(keyId, known) {
      forget(keyId);
      const text = JSON.stringify(known);
      keys.set(keyId, text);
      bytes += ENTRY_BYTES + text.length;
      // Those that were kept longest ago come first.
      for (const oldest of keys.keys()) {
        if (bytes <= maxBytes) return;
        forget(oldest);
      }
    },
  };
}

/** What of an hour isn't known to be in the table; nothing: all is. */
export function unknownOf(known: KnownKey, hour: string, sets: HourSets): HourSets | undefined {
  if (known.hour !== hour) return sets;
  const minutes = without(sets.minutes, (name, minute) => known.minutes[name] === minute);
  const addresses = without(sets.addresses, (name, address) => {
    const there = known.addresses[name];
    return there === 'full' || there?.includes(address) === true;
  });
  return minutes.size + addresses.size === 0 ? undefined : { minutes, addresses };
}

/** Whether lines tell anything that isn't known to be in the table. */
export function isNews(known: KnownKey, { hours, last }: FoldedLines): boolean {
  if ([...hours].some(([hour, sets]) => unknownOf(known, hour, sets) !== undefined)) return true;
  return !isDeepStrictEqual(joinLast(known.last ?? {}, last), joinLast(known.last ?? {}, {}));
}

/** What is known when sets of an hour have been written. Of an hour before the latest one nothing is. */
export function withWritten(known: KnownKey, hour: string, sets: HourSets, full: ReadonlySet<AddressSet>): KnownKey {
  if (hour < known.hour) return known;
  const before = hour > known.hour ? NOTHING : known;
  const minutes = { ...before.minutes };
  for (const [name, values] of sets.minutes) minutes[name] = Math.max(minutes[name] ?? 0, ...values);
  const addresses = { ...before.addresses };
  for (const [name, values] of sets.addresses) {
    const there = addresses[name] ?? [];
    if (there !== 'full') addresses[name] = full.has(name) ? 'full' : [...there, ...values];
  }
  return { last: known.last, hour, minutes, addresses };
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
