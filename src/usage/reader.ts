import type { Table } from '../table/table.ts';
import { type Last, readLasts, recordedSince } from '../table/usage.ts';
import { type Hour, hoursOf, REFUSED, USED } from '../table/usage-hours.ts';
import { daysUpTo, hourOf } from './days.ts';

/**
 * What the usage table tells of keys, for whoever shows it: a command, the page, a program.
 *
 * `readLastUses(usage, keyIds)` for a list of keys: one request for up to 100. `readDays(usage, keyId, 30, Date.now())` for
 * a chart of one. `usage` is `openTable(name)` with the name that `GATEPASS_USAGE_TABLE` holds. Addresses are a sample:
 * API Gateway asks the authorizer once for each TTL and stage, and answers other requests by what it keeps. Whoever
 * shows addresses says so.
 */
export interface LastUse {
  /** The minutes of the first and the last use, in epoch seconds. Absent: no use is known. */
  readonly firstUsedAt?: number | undefined;
  readonly lastUsedAt?: number | undefined;
  /** An address or a block, as the recorder was told to keep them. */
  readonly lastUsedFrom?: string | undefined;
  readonly lastRefusedAt?: number | undefined;
  readonly lastRefusedFrom?: string | undefined;
  /** A reason code, or `outside_networks`. */
  readonly lastRefusedFor?: string | undefined;
}

/** How keys were last used: all those that were asked for, in that order. */
export async function readLastUses(usage: Table, keyIds: readonly string[]): Promise<ReadonlyMap<string, LastUse>> {
  const lasts = await readLasts(usage, keyIds);
  return new Map(keyIds.map((keyId) => [keyId, toLastUse(lasts.get(keyId) ?? {})]));
}

/** Since when uses are known, in epoch seconds: of a key that was not used since nothing is known before. */
export function knownSince(usage: Table): Promise<number | undefined> {
  return recordedSince(usage);
}

function toLastUse({ firstUsedAt, usedAt, usedFrom, refusedAt, refusedFrom, refusedFor }: Last): LastUse {
  return {
    ...{ firstUsedAt, lastUsedAt: usedAt, lastUsedFrom: usedFrom },
    ...{ lastRefusedAt: refusedAt, lastRefusedFrom: refusedFrom, lastRefusedFor: refusedFor },
  };
}

/** A day of a key (UTC). */
export interface DayOfUse {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** In how many of its minutes the authorizer let the key in: not how many requests were made. */
  readonly minutesUsed: number;
  /** In how many minutes it was refused, by reason. */
  readonly minutesRefused: Readonly<Record<string, number>>;
  /** Up to 20 for each hour; `more` tells that an hour left some out. */
  readonly usedFrom: Addresses;
  readonly refusedFrom: Addresses;
}

interface Addresses {
  readonly addresses: readonly string[];
  readonly more: boolean;
}

/** The last days of a key up to today, the earliest first, those without use too. */
export async function readDays(usage: Table, keyId: string, days: number, now: number): Promise<readonly DayOfUse[]> {
  const found = new Map(daysUpTo(now, days).map((day) => [day, newDay()]));
  const [first = ''] = found.keys();
  for await (const hour of hoursOf(usage, keyId, first, hourOf(now))) {
    const day = found.get(hour.hour.slice(0, 10));
    if (day !== undefined) addHour(day, hour);
  }
  return [...found].map(([day, one]) => ({
    day,
    minutesUsed: one.used,
    minutesRefused: one.refused,
    usedFrom: { addresses: [...one.usedFrom].sort(), more: one.more.has('usedFrom') },
    refusedFrom: { addresses: [...one.refusedFrom].sort(), more: one.more.has('refusedFrom') },
  }));
}

type Day = ReturnType<typeof newDay>;

function newDay() {
  const refused: Record<string, number> = {};
  const more = new Set<string>();
  return { used: 0, refused, usedFrom: new Set<string>(), refusedFrom: new Set<string>(), more };
}

function addHour(day: Day, { minutes, addresses, more }: Hour): void {
  for (const [name, { size }] of minutes) {
    const reason = name.slice(REFUSED.length);
    if (name === USED) day.used += size;
    else day.refused[reason] = (day.refused[reason] ?? 0) + size;
  }
  for (const [name, some] of addresses) for (const address of some) day[name].add(address);
  for (const name of more) day.more.add(name);
}
