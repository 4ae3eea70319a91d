import { randomUUID } from 'node:crypto';
import type { DenialReason } from '../../src/decision.ts';
import type { Table } from '../../src/table/table.ts';
import { createRecorder } from '../../src/usage/recorder.ts';
import { fc } from './properties.ts';
import { type Decided, lineOf } from './usage.ts';

const USAGE_NOW = Date.parse('2026-11-26T12:30:00Z');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const REASONS = ['api_key.secret', 'api_key.replaced', 'api_key.expired', 'api_key.inactive'] as const;
const ADDRESSES = [
  '192.0.2.1',
  '192.0.2.9',
  '192.0.3.1',
  '198.51.100.7',
  '203.0.113.5',
  '2001:db8:1::1',
  '2001:db8:2::1',
];

/** Decisions on some keys in the same few minutes of a few hours, from fewer addresses than are kept. */
export function decisionsOf(keyIds: readonly string[]): fc.Arbitrary<readonly Decided[]> {
  const one = fc.record({
    keyId: fc.constantFrom(...keyIds),
    hoursAgo: fc.integer({ min: 0, max: 2 }),
    minutesAgo: fc.integer({ min: 0, max: 2 }),
    seconds: fc.integer({ min: 0, max: 59 }),
    sourceIp: fc.constantFrom(...ADDRESSES, undefined),
    refusedFor: fc.oneof(fc.constant(undefined), fc.constantFrom<DenialReason>(...REASONS)),
  });
  const decisions = fc.array(one, { minLength: 20, maxLength: 60 });
  return decisions.map((all) =>
    all.map(({ hoursAgo, minutesAgo, seconds, refusedFor, ...rest }) => {
      const at = USAGE_NOW - hoursAgo * HOUR_MS - minutesAgo * MINUTE_MS + seconds * 1000;
      return { at, ...rest, ...(refusedFor !== undefined && { refusedFor }) };
    }),
  );
}

/** How lines reach the recorders: doubled, in some order, cut into batches, with writes that fail. */
export interface Disorder {
  readonly order: readonly number[];
  readonly cuts: readonly number[];
  readonly crashes: readonly number[];
}

export const disorder: fc.Arbitrary<Disorder> = fc.record({
  order: fc.array(fc.nat(), { minLength: 120, maxLength: 120 }),
  cuts: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 120, maxLength: 120 }),
  crashes: fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 8 }),
});

/** Records decisions by 8 recorders at once, each line twice; a batch whose recorder crashed comes again. */
export async function recordInDisorder(usage: Table, decisions: readonly Decided[], given: Disorder): Promise<number> {
  const { order, cuts, crashes } = given;
  const lines = [...decisions, ...decisions].map((decided, index) => ({
    line: lineOf(decided),
    rank: order[index] ?? 0,
  }));
  const shuffled = lines.sort((a, b) => a.rank - b.rank).map(({ line }) => line);
  const batches: string[][] = [];
  for (const cut of cuts) if (shuffled.length > 0) batches.push(shuffled.splice(0, cut));
  const crashing = crashingTable(usage, new Set(crashes));

  async function work(): Promise<void> {
    let recorder = newRecorder(crashing.table);
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      try {
        await recorder.record(batch);
      } catch {
        batches.unshift(batch);
        recorder = newRecorder(crashing.table);
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, work));
  return crashing.crashed();
}

function newRecorder(usage: Table, addresses: 'block' | 'full' | 'off' = 'block') {
  return createRecorder({ usage, now: () => USAGE_NOW, addresses, newVersion: randomUUID });
}

/** A table whose n-th requests fail, every other of them after the request was carried out. */
function crashingTable({ client, name }: Table, requests: ReadonlySet<number>): { table: Table; crashed(): number } {
  let sent = 0;
  let crashed = 0;
  const send = async (command: Parameters<Table['client']['send']>[0]) => {
    const number = ++sent;
    if (!requests.has(number)) return client.send(command);
    crashed++;
    if (number % 2 === 0) await client.send(command);
    throw new Error('crashed');
  };
  // One function for the overloads of all commands.
  const crashing = { send, destroy: () => undefined } as unknown as Table['client'];
  return { table: { client: crashing, name }, crashed: () => crashed };
}

/** What the table must hold of decisions, counted the slow way: by looking through all of them for each fact. */
export function expectedItems(decisions: readonly Decided[]): readonly Record<string, unknown>[] {
  const keyIds = [...new Set(decisions.map(({ keyId }) => keyId))];
  const items = keyIds.flatMap((keyId) =>
    itemsOf(
      keyId,
      decisions.filter((decided) => decided.keyId === keyId),
    ),
  );
  return items.sort((a, b) => `${a['pk']} ${a['sk']}`.localeCompare(`${b['pk']} ${b['sk']}`));
}

function itemsOf(keyId: string, decisions: readonly Decided[]): Record<string, unknown>[] {
  const pk = `key#${keyId}`;
  const hours = [...new Set(decisions.map(({ at }) => iso(at, 13)))].map((hour) => {
    const within = decisions.filter(({ at }) => iso(at, 13) === hour);
    const minutes = (reason: string | undefined) =>
      sorted(within.filter(({ refusedFor }) => refusedFor === reason).map(({ at }) => Number(iso(at, 16).slice(14))));
    const from = (isRefused: boolean) =>
      sorted(within.filter(({ refusedFor }) => (refusedFor !== undefined) === isRefused).flatMap(blockOf));
    return withoutEmpty({
      ...{ pk, sk: `hour#${hour}`, purgeAt: Date.parse(`${hour}:00:00Z`) / 1000 + 90 * 86_400 },
      ...{ used: minutes(undefined), usedFrom: from(false), refusedFrom: from(true) },
      ...Object.fromEntries(REASONS.map((reason) => [`refused#${reason}`, minutes(reason)])),
    });
  });
  const uses = decisions.filter(({ refusedFor }) => refusedFor === undefined);
  const refusals = decisions.filter(({ refusedFor }) => refusedFor !== undefined);
  const minuteOf = ({ at }: Decided) => Math.floor(at / 60_000) * 60;
  const rankOf = (decided: Decided) =>
    [iso(decided.at, 16), blockOf(decided)[0] ?? '', decided.refusedFor ?? ''].join(' ');
  const latest = (some: readonly Decided[]) => some.toSorted((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1))[0];
  const [used, refused] = [latest(uses), latest(refusals)];
  const blocks = uses
    .toSorted((a, b) => a.at - b.at)
    .flatMap((one) => blockOf(one).map((block) => [block, iso(one.at, 10)]));
  const real = refusals.filter(({ refusedFor }) => refusedFor === 'api_key.replaced');
  const realHour = real
    .map(({ at }) => iso(at, 13))
    .sort()
    .at(-1);
  const realMinutes = real.filter(({ at }) => iso(at, 13) === realHour).map(({ at }) => Number(iso(at, 16).slice(14)));
  const last = withoutEmpty({
    ...{ pk, sk: 'last', firstUsedAt: uses.length > 0 ? Math.min(...uses.map(minuteOf)) : undefined },
    ...{ usedAt: used && minuteOf(used), usedFrom: used && blockOf(used)[0] },
    ...{ refusedAt: refused && minuteOf(refused), refusedFrom: refused && blockOf(refused)[0] },
    refusedFor: refused?.refusedFor,
    blocks: blocks.length > 0 ? Object.fromEntries(blocks) : undefined,
    purgeAt: used === undefined && refused !== undefined ? minuteOf(refused) + 90 * 86_400 : undefined,
    realRefusals: realHour === undefined ? undefined : { hour: realHour, minutes: sortedByNumber(realMinutes) },
  });
  return [...hours, last];
}

const BLOCKS: Readonly<Record<string, string>> = {
  '192.0.2.1': '192.0.2.0/24',
  '192.0.2.9': '192.0.2.0/24',
  '192.0.3.1': '192.0.3.0/24',
  '198.51.100.7': '198.51.100.0/24',
  '203.0.113.5': '203.0.113.0/24',
  '2001:db8:1::1': '2001:db8:1::/48',
  '2001:db8:2::1': '2001:db8:2::/48',
};

function blockOf({ sourceIp }: Decided): string[] {
  return sourceIp === undefined ? [] : [BLOCKS[sourceIp] ?? ''];
}

function iso(at: number, length: number): string {
  return new Date(at).toISOString().slice(0, length);
}

/** As `itemsIn` gives sets. */
function sorted<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort();
}

function sortedByNumber(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function withoutEmpty(item: Record<string, unknown>): Record<string, unknown> {
  const isThere = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(item).filter(([, value]) => isThere(value)));
}
