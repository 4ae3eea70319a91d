import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createRecorder } from '../../src/usage/recorder.ts';
import { judge, type Unusual } from '../../src/usage/unusual.ts';
import { type Decided, lineOf } from '../support/usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.parse('2026-06-01T10:00:00Z');
const THRESHOLDS = { newBlockDays: 30, silenceDays: 90, refusedMinutes: 10 };

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});
afterAll(() => embedded.stop());

/** A key whose life is told in days from `START`, by one recorder or several. */
function startLife(recorders = 1) {
  const keyId = createKeyId(randomUUID(), randomBytes);
  const told: string[] = [];
  let now = START;
  let isHeard = true;
  const watch = {
    judge: (...known: Parameters<typeof judge> extends [...infer Known, unknown] ? Known : never) =>
      judge(...known, THRESHOLDS),
    async tell(of: string, unusual: readonly Unusual[]) {
      expect(of).toBe(keyId);
      if (!isHeard) throw new Error('The topic takes no message.');
      told.push(...unusual.map(({ kind, day, text }) => `${day} ${kind}: ${text}`));
    },
  };
  const start = () =>
    Array.from({ length: recorders }, () =>
      createRecorder({
        ...{ usage: embedded.usageTable, now: () => now, addresses: 'block', newVersion: randomUUID, watch },
      }),
    );
  let all = start();
  let lines: readonly string[] = [];
  async function record(): Promise<void> {
    const ended = await Promise.allSettled(all.map((recorder) => recorder.record(lines)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
  return {
    keyId,
    /** What was told, a line each. */
    told,
    hear(isHeardNow: boolean) {
      isHeard = isHeardNow;
    },
    async on(day: number, ...decided: readonly (Partial<Decided> & { readonly minute?: number })[]) {
      const base = START + day * DAY_MS;
      now = base + HOUR_MS - 1;
      lines = decided.map(({ minute = 0, ...one }) =>
        lineOf({ keyId, at: base + minute * 60_000, sourceIp: '192.0.2.1', ...one }),
      );
      await record();
    },
    /** The same lines come again, so many seconds later. */
    async again(seconds: number) {
      now += seconds * 1000;
      await record();
    },
    /** With nothing kept in memory. */
    restart() {
      all = start();
    },
  };
}

const NEW = { sourceIp: '198.51.100.7' };

describe('a use from a new address block', () => {
  it('is told once a day, by one of many recorders', async () => {
    const { on, told } = startLife(8);
    await on(0, {});
    await on(30, NEW);
    await on(30, NEW, { sourceIp: '203.0.113.1' });
    expect(told).toEqual(['2026-07-01 new_block: used from 198.51.100.0/24, where it was not used from in 30 days']);
  });

  it('is not told of the blocks that the key is used from, nor of another address of theirs', async () => {
    const { on, told } = startLife();
    await on(0, {}, { sourceIp: '2001:db8:1::1' });
    await on(29, {}, { sourceIp: '2001:db8:1:ffff::1' });
    await on(59, { sourceIp: '192.0.2.99' }, { sourceIp: '2001:db8:1:7::7' });
    expect(told).toEqual([]);
  });

  it.each([
    [30, 0],
    [31, 1],
  ])('is told of a block that was not seen for more than 30 days: %i', async (days, count) => {
    const { on, told } = startLife();
    await on(0, {}, NEW);
    for (let day = 1; day <= days; day++) await on(day, {});
    told.length = 0;
    await on(days, NEW);
    expect(told).toHaveLength(count);
  });

  it.each([
    [29, 0],
    [30, 1],
  ])('is told of a key that is known for 30 days: %i', async (day, count) => {
    const { on, told } = startLife();
    await on(0, {});
    await on(day, NEW);
    expect(told).toHaveLength(count);
  });

  it('is not told of a refusal, whatever its reason', async () => {
    const { on, told } = startLife();
    await on(0, {});
    await on(40, { ...NEW, refusedFor: 'api_key.secret' }, { ...NEW, refusedFor: 'api_key.replaced' });
    expect(told).toEqual([]);
  });

  it('is not told of a key that is used from more blocks than are kept', async () => {
    const { on, told } = startLife();
    await on(0, {});
    await on(29, ...Array.from({ length: 100 }, (_, index) => ({ sourceIp: `10.0.${index}.1` })));
    await on(31, NEW);
    expect(told).toEqual([]);
  });
});

describe('a use after silence', () => {
  it.each([
    [89, []],
    [90, ['2026-08-30 silence_broken: used again after 90 days without use']],
  ])('is told after 90 days: %i', async (day, expected) => {
    const { on, told } = startLife();
    await on(0, {});
    await on(day, {}, { minute: 1 });
    await on(day, { minute: 2 });
    expect(told.filter((line) => line.includes('silence'))).toEqual(expected);
  });

  it('is not told of a first use', async () => {
    const { on, told } = startLife();
    await on(200, {});
    expect(told).toEqual([]);
  });

  it('is not told of a wrong secret', async () => {
    const { on, told } = startLife();
    await on(0, {});
    await on(100, { refusedFor: 'api_key.secret' });
    expect(told).toEqual([]);
  });
});

describe('refusals of a real secret', () => {
  const refusals = (count: number, change: Partial<Decided>) =>
    Array.from({ length: count }, (_, minute) => ({ minute, ...change }));
  const outside = { allowedNetworks: ['198.51.100.0/24'] };

  it.each([
    ['a replaced secret', { refusedFor: 'api_key.replaced' }, 11, 1],
    ['a replaced secret', { refusedFor: 'api_key.replaced' }, 10, 0],
    ['an address outside its networks', outside, 11, 1],
    ['an address outside its networks', outside, 10, 0],
    ['a wrong secret', { refusedFor: 'api_key.secret' }, 59, 0],
    ['an expired key', { refusedFor: 'api_key.expired' }, 59, 0],
  ] as const)('are told in more than ten minutes of an hour: %s, %o, in %i', async (_, change, minutes, count) => {
    const { on, told } = startLife();
    const all = refusals(minutes, change);
    await on(0, ...all.slice(0, 5));
    await on(0, ...all.slice(5));
    await on(0, ...all);
    expect(told).toHaveLength(count);
    if (count > 0) expect(told[0]).toMatch(/^2026-06-01 refused_often: refused in 11 minutes of an hour, though/);
  });

  it('are told with the reasons of the real ones alone, whatever else is refused beside them', async () => {
    const { on, told } = startLife();
    const [outsideOnes, replaced] = [refusals(6, outside), refusals(11, { refusedFor: 'api_key.replaced' })];
    await on(0, ...outsideOnes, ...replaced, { minute: 30, refusedFor: 'api_key.secret' });
    expect(told).toEqual([expect.stringMatching(/\(api_key\.replaced, outside_networks\)$/)]);
  });

  it('count by the hour, and are told once a day', async () => {
    const { on, told } = startLife();
    await on(0, ...refusals(8, { refusedFor: 'api_key.replaced' }));
    await on(1 / 24, ...refusals(8, { refusedFor: 'api_key.replaced' }));
    expect(told).toEqual([]);
    await on(2 / 24, ...refusals(20, { refusedFor: 'api_key.replaced' }));
    await on(3 / 24, ...refusals(20, { refusedFor: 'api_key.replaced' }));
    expect(told).toHaveLength(1);
    await on(1, ...refusals(20, { refusedFor: 'api_key.replaced' }));
    expect(told).toHaveLength(2);
  });
});

describe('the last part of a grace', () => {
  const graceOf = (days: number) => ({ since: START, until: START + days * DAY_MS });

  it.each([
    ['a day before its end', 7, 6 - 2 / 1440, 0],
    ['a day before its end', 7, 6, 1],
    ['in its last quarter, if that is shorter', 1, 0.75 - 2 / 1440, 0],
    ['in its last quarter, if that is shorter', 1, 0.75, 1],
    ['not at its end', 1, 1, 0],
  ])('is told %s: of %d days on day %d', async (_, days, day, count) => {
    const { on, told } = startLife();
    await on(day, { grace: graceOf(days) });
    await on(day, { grace: graceOf(days), minute: 1 });
    expect(told).toHaveLength(count);
    if (count > 0)
      expect(told[0]).toMatch(
        /grace_ending: still used by its replaced secret from 192\.0\.2\.0\/24, which ends at 2026-06-0[28]T10:00:00Z: rotation would break this caller$/,
      );
  });

  it('is not told of the current secret, nor of a replaced one that is refused', async () => {
    const { on, told } = startLife();
    await on(0.9, { secret: 'current' });
    await on(0.9, { grace: graceOf(1), refusedFor: 'api_key.inactive' });
    expect(told).toEqual([]);
  });
});

describe('what could not be told', () => {
  const MESSAGE = ['2026-07-01 new_block: used from 198.51.100.0/24, where it was not used from in 30 days'];

  /** A batch of which something was to be told, and couldn't be. */
  async function startUnheard(recorders = 1) {
    const life = startLife(recorders);
    await life.on(0, {});
    life.hear(false);
    await expect(life.on(30, NEW)).rejects.toThrow('The topic takes no message.');
    return life;
  }

  it.each([
    [59, []],
    [60, MESSAGE],
  ])(
    'is told when the batch comes again, by one of many recorders, after a minute: %i s',
    async (seconds, expected) => {
      const { again, told, hear } = await startUnheard(8);
      hear(true);
      await again(seconds);
      await again(0);
      expect(told).toEqual(expected);
    },
  );

  it('is told by a recorder that has just started', async () => {
    const { again, told, hear, restart } = await startUnheard();
    restart();
    hear(true);
    await again(60);
    expect(told).toEqual(MESSAGE);
  });

  it('is told with other lines of the key, and beside what they show', async () => {
    const { on, told, hear } = await startUnheard();
    await expect(on(31, { refusedFor: 'api_key.secret' })).rejects.toThrow('The topic takes no message.');
    await expect(on(32, { sourceIp: '203.0.113.1' })).rejects.toThrow('The topic takes no message.');
    hear(true);
    await on(33, { refusedFor: 'api_key.secret' });
    await on(34, NEW);
    expect(told).toEqual([...MESSAGE, expect.stringMatching(/^2026-07-03 new_block: used from 203\.0\.113/)]);
  });

  it('is kept to the ten last', async () => {
    const { on, told, hear } = await startUnheard();
    for (let day = 31; day <= 41; day++) {
      await expect(on(day, { sourceIp: `203.0.${day}.1` })).rejects.toThrow('The topic takes no message.');
    }
    hear(true);
    await on(42, { refusedFor: 'api_key.secret' });
    expect(told.map((line) => line.slice(0, 10))).toEqual([
      ...['2026-07-03', '2026-07-04', '2026-07-05', '2026-07-06', '2026-07-07'],
      ...['2026-07-08', '2026-07-09', '2026-07-10', '2026-07-11', '2026-07-12'],
    ]);
  });
});
