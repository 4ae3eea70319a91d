import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Item, itemsOf } from './read.ts';
import type { Table } from './table.ts';
import { HOUR, KEEP_SECONDS, usageAt, usagePartition } from './usage.ts';
import { unlessConditionFails } from './write.ts';

/** The two sets of addresses of an hour. */
export type AddressSet = 'usedFrom' | 'refusedFrom';

/** The most addresses that one of them holds. */
export const MAX_ADDRESSES = 20;

/** What an hour's item holds: minutes (0 to 59) by what they were used or refused for, and addresses. */
export interface HourSets {
  readonly minutes: ReadonlyMap<string, ReadonlySet<number>>;
  readonly addresses: ReadonlyMap<AddressSet, ReadonlySet<string>>;
}

/** The minutes of use, and how those of a refusal start, which go on with its reason. */
export const USED = 'used';
export const REFUSED = 'refused#';

/** Which of the two sets of addresses left some out. */
const MORE = 'more';

/** An hour of a key. */
export interface Hour extends HourSets {
  /** `YYYY-MM-DDTHH`, UTC. */
  readonly hour: string;
  readonly more: ReadonlySet<string>;
}

/**
 * Adds to the sets of an hour's item. What is there already stays, so a repeat changes nothing, in whatever order.
 *
 * @returns the sets of addresses that are full and leave others out, which the item says too.
 */
export async function addToHour(
  usage: Table,
  keyId: string,
  hour: string,
  { minutes, addresses }: HourSets,
): Promise<ReadonlySet<AddressSet>> {
  const full = new Set<AddressSet>();
  if (await addSets(usage, keyId, hour, { minutes, addresses })) return full;
  // Some may be there already, or there is no room for all: one by one tells.
  if (minutes.size > 0) await addSets(usage, keyId, hour, { minutes });
  for (const [name, values] of addresses) {
    for (const value of values) {
      if (await addSets(usage, keyId, hour, { addresses: new Map([[name, new Set([value])]]) })) continue;
      await addSets(usage, keyId, hour, { more: name });
      full.add(name);
      break;
    }
  }
  return full;
}

/** @returns whether there was room for the addresses; else nothing was added. */
async function addSets(
  usage: Table,
  keyId: string,
  hour: string,
  { minutes = new Map(), addresses = new Map(), more }: Partial<HourSets> & { readonly more?: AddressSet },
): Promise<boolean> {
  const names: Record<string, string> = {};
  const values: Item = { ':purgeAt': Date.parse(`${hour}:00:00Z`) / 1000 + KEEP_SECONDS };
  const additions: string[] = [];
  const conditions: string[] = [];
  const add = (name: string, set: ReadonlySet<string | number>) => {
    const place = additions.push(`#s${additions.length} :s${additions.length}`) - 1;
    names[`#s${place}`] = name;
    values[`:s${place}`] = new Set(set);
    return place;
  };
  for (const [name, set] of minutes) add(name, set);
  if (more !== undefined) add(MORE, new Set([more]));
  for (const [name, set] of addresses) {
    if (set.size > MAX_ADDRESSES) return false;
    const place = add(name, set);
    values[`:room${place}`] = MAX_ADDRESSES - set.size;
    const [only] = set.size === 1 ? set : [];
    if (only !== undefined) values[`:only${place}`] = only;
    const isThere = only === undefined ? '' : ` OR contains(#s${place}, :only${place})`;
    conditions.push(`(attribute_not_exists(#s${place}) OR size(#s${place}) <= :room${place}${isThere})`);
  }
  const command = new UpdateCommand({
    TableName: usage.name,
    Key: { ...usageAt(keyId, HOUR + hour) },
    UpdateExpression: `SET purgeAt = :purgeAt ADD ${additions.join(', ')}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ...(conditions.length > 0 && { ConditionExpression: conditions.join(' AND ') }),
  });
  return unlessConditionFails(() => usage.client.send(command));
}

/** A key's hours from one to another, both included, the earliest first. Not strongly consistent. */
export async function* hoursOf(usage: Table, keyId: string, from: string, to: string): AsyncGenerator<Hour> {
  const items = itemsOf((start) =>
    usage.client.send(
      new QueryCommand({
        TableName: usage.name,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': usagePartition(keyId), ':from': HOUR + from, ':to': HOUR + to },
        ExclusiveStartKey: start,
      }),
    ),
  );
  for await (const item of items) yield toHour(item);
}

function toHour(item: Item): Hour {
  const sets = Object.entries(item).flatMap(([name, value]) => (value instanceof Set ? [[name, value] as const] : []));
  const addresses = sets.flatMap(([name, value]) => (isAddressSet(name) ? [[name, value] as const] : []));
  return {
    hour: String(item['sk']).slice(HOUR.length),
    minutes: new Map(sets.filter(([name]) => name === USED || name.startsWith(REFUSED))),
    addresses: new Map(addresses),
    more: new Set(sets.find(([name]) => name === MORE)?.[1]),
  };
}

function isAddressSet(name: string): name is AddressSet {
  return name === 'usedFrom' || name === 'refusedFrom';
}
