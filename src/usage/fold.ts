import type { Last } from '../table/usage.ts';
import { type AddressSet, type HourSets, MAX_ADDRESSES, REFUSED, USED } from '../table/usage-hours.ts';
import { type AddressMode, blockOf, keptAddress } from './address.ts';
import { dayOf, hourOf } from './days.ts';
import { OUTSIDE_NETWORKS, type Sighting } from './decision-line.ts';
import { joinLast } from './last.ts';

/** What lines tell of one key, its uses and its refusals apart: nothing is in both. */
export interface KeyLines {
  uses?: FoldedLines;
  refusals?: FoldedLines;
  /** The latest use of a replaced secret. */
  grace?: GraceUse;
}

export interface FoldedLines {
  lines: number;
  /** Whether one of them had a secret of the key's. */
  isProven: boolean;
  last: Last;
  readonly hours: Map<string, FoldedHour>;
}

/** Of a caller who still uses the secret that a rotation replaced. Times in epoch milliseconds. */
export interface GraceUse {
  readonly at: number;
  readonly from: string | undefined;
  readonly since: number;
  readonly until: number;
}

interface FoldedHour extends HourSets {
  readonly minutes: Map<string, Set<number>>;
  readonly addresses: Map<AddressSet, Set<string>>;
}

/** Those for which the key's own secret was refused: a caller that a rotation or a network has cut off. */
export const REAL_REFUSALS: ReadonlySet<string> = new Set(['api_key.replaced', 'api_key.networks', OUTSIDE_NETWORKS]);

/** One more than is kept, so that it shows that there are more. */
const ENOUGH_ADDRESSES = MAX_ADDRESSES + 1;

/** Adds a sighting to what is told of its key. */
export function fold(keys: Map<string, KeyLines>, sighting: Sighting, mode: AddressMode): void {
  const { keyId, at, sourceIp, refusedFor, isProven, grace } = sighting;
  const key = keys.get(keyId) ?? {};
  keys.set(keyId, key);
  const [part, minutes, addresses] =
    refusedFor === undefined
      ? (['uses', USED, 'usedFrom'] as const)
      : (['refusals', REFUSED + refusedFor, 'refusedFrom'] as const);
  key[part] ??= { lines: 0, isProven: false, last: {}, hours: new Map() };
  const lines = key[part];
  const from = keptAddress(sourceIp, mode);

  lines.lines++;
  lines.isProven ||= isProven;
  lines.last = joinLast(lines.last, lastOf(sighting, from, mode));
  const hour = lines.hours.get(hourOf(at)) ?? { minutes: new Map(), addresses: new Map() };
  lines.hours.set(hourOf(at), hour);
  addTo(hour.minutes, minutes, minuteOf(at));
  const isEnough = (hour.addresses.get(addresses)?.size ?? 0) >= ENOUGH_ADDRESSES;
  if (from !== undefined && !isEnough) addTo(hour.addresses, addresses, from);
  if (grace !== undefined && refusedFor === undefined && at >= (key.grace?.at ?? 0)) key.grace = { ...grace, at, from };
}

function lastOf({ at, sourceIp, refusedFor }: Sighting, from: string | undefined, mode: AddressMode): Last {
  const minute = Math.floor(at / 60_000) * 60;
  if (refusedFor === undefined) {
    const block = mode === 'off' || sourceIp === undefined ? undefined : blockOf(sourceIp);
    return {
      ...{ firstUsedAt: minute, usedAt: minute, usedFrom: from },
      ...(block !== undefined && { blocks: { [block]: dayOf(at) } }),
    };
  }
  return {
    ...{ refusedAt: minute, refusedFrom: from, refusedFor },
    ...(REAL_REFUSALS.has(refusedFor) && { realRefusals: { hour: hourOf(at), minutes: [minuteOf(at)] } }),
  };
}

/** Adds a value to a set, which is made if it isn't there. */
function addTo<Name, Value>(sets: Map<Name, Set<Value>>, name: Name, value: Value): void {
  const set = sets.get(name);
  if (set === undefined) sets.set(name, new Set([value]));
  else set.add(value);
}

function minuteOf(at: number): number {
  return new Date(at).getUTCMinutes();
}
