import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import type { Table } from '../../src/table/table.ts';
import { createRecorder, type Recorder } from '../../src/usage/recorder.ts';
import { type Decided, itemsIn, lineOf } from '../support/usage.ts';

const NOW = Date.parse('2026-11-26T12:30:45.500Z');
const MINUTE_MS = 60_000;

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});
afterAll(() => embedded.stop());

/** A recorder whose requests to the table are counted, and a clock that can be put on. */
function start(addresses: 'block' | 'full' | 'off' = 'block', options: { refusalsPerMinute?: number } = {}) {
  const requests: string[] = [];
  const { client, name } = embedded.usageTable;
  const send = (command: Parameters<Table['client']['send']>[0]) => {
    requests.push(command.constructor.name);
    return client.send(command);
  };
  // One function for the overloads of all commands.
  const usage = { client: { send, destroy: () => undefined } as unknown as Table['client'], name };
  let at = NOW;
  const recorder: Recorder = createRecorder({ usage, now: () => at, addresses, newVersion: randomUUID, ...options });
  return {
    requests,
    recorder,
    advance: (ms: number) => {
      at += ms;
    },
    record: (...decided: readonly Partial<Decided>[]) =>
      recorder.record(decided.map((one) => lineOf({ keyId: 'none', at, sourceIp: '192.0.2.1', ...one }))),
  };
}

const newKeyId = () => createKeyId(randomUUID(), randomBytes);

const LAST = { sk: 'last', firstUsedAt: NOW / 1000 - 45.5, usedAt: NOW / 1000 - 45.5 };
const HOUR = { sk: 'hour#2026-11-26T12', purgeAt: Date.parse('2026-11-26T12:00:00Z') / 1000 + 90 * 86_400 };

describe('a use', () => {
  it('is the last one of its key, and a minute and an address of its hour', async () => {
    const { record } = start();
    const keyId = newKeyId();
    expect(await record({ keyId })).toEqual({
      ...{ lines: 1, uses: 1, refusals: 0, passedOver: {}, refusalsOverCeiling: 0, writes: 2 },
    });
    const pk = `key#${keyId}`;
    expect(await itemsIn(embedded.usageTable, keyId)).toEqual([
      { pk, ...HOUR, used: [30], usedFrom: ['192.0.2.0/24'] },
      { pk, ...LAST, usedFrom: '192.0.2.0/24', blocks: { '192.0.2.0/24': '2026-11-26' } },
    ]);
  });

  it.each([
    ['full', '192.0.2.1'],
    ['off', undefined],
  ] as const)('keeps its address as it is told: %s', async (addresses, expected) => {
    const keyId = newKeyId();
    await start(addresses).record({ keyId });
    const [hour, last] = await itemsIn(embedded.usageTable, keyId);
    expect(hour?.['usedFrom']).toEqual(expected && [expected]);
    expect(last?.['usedFrom']).toEqual(expected);
    expect(last?.['blocks']).toEqual(expected && { '192.0.2.0/24': '2026-11-26' });
  });

  it('is written once a minute, and again for another address or the next minute', async () => {
    const { record, requests, advance } = start();
    const keyId = newKeyId();
    await record({ keyId });
    requests.length = 0;
    await record({ keyId }, { keyId, at: NOW + 14_000 });
    expect(requests).toEqual([]);
    await record({ keyId, sourceIp: '198.51.100.1' });
    expect(requests.length).toBeGreaterThan(0);
    requests.length = 0;
    advance(MINUTE_MS);
    await record({ keyId });
    expect(requests.length).toBeGreaterThan(0);
  });

  it('is read back by a recorder that has just started, which writes nothing if all is there', async () => {
    const keyId = newKeyId();
    await start().record({ keyId });
    const { record, requests } = start();
    await record({ keyId });
    expect(requests).toEqual(['UpdateCommand', 'GetCommand']);
  });

  it('leaves a later one the last, and an earlier one the first', async () => {
    const { record } = start();
    const keyId = newKeyId();
    await record({ keyId });
    await record({ keyId, at: NOW - 5 * MINUTE_MS, sourceIp: '198.51.100.1' });
    const last = (await itemsIn(embedded.usageTable, keyId)).at(-1);
    expect(last).toMatchObject({ ...LAST, firstUsedAt: LAST.usedAt - 300, usedFrom: '192.0.2.0/24' });
  });

  it('is kept in mind for its hour alone, and for none before the latest', async () => {
    const keyId = newKeyId();
    const { record } = start();
    const moments = ['11:30', '12:29', '11:31', '12:30', '12:31'];
    for (const moment of moments) await record({ keyId, at: Date.parse(`2026-11-26T${moment}:00Z`) });
    const [earlier, later] = await itemsIn(embedded.usageTable, keyId);
    expect([earlier?.['used'], later?.['used']]).toEqual([
      [30, 31],
      [29, 30, 31],
    ]);
    for (const hour of [earlier, later]) expect(hour?.['usedFrom']).toEqual(['192.0.2.0/24']);
  });

  it('is from the greater address of two in a minute', async () => {
    const keyId = newKeyId();
    const { record } = start();
    await record({ keyId, sourceIp: '192.0.2.1' });
    await record({ keyId, sourceIp: '192.0.3.1' }, { keyId, sourceIp: '192.0.2.1' });
    await record({ keyId, sourceIp: '192.0.1.1' });
    expect((await itemsIn(embedded.usageTable, keyId)).at(-1)).toMatchObject({ usedFrom: '192.0.3.0/24' });
  });
});

describe('a refusal', () => {
  it.each(['api_key.secret', 'api_key.replaced', 'api_key.expired'] as const)(
    'is never a use, and its addresses are apart: %s',
    async (refusedFor) => {
      const keyId = newKeyId();
      expect(await start().record({ keyId, refusedFor })).toMatchObject({ uses: 0, refusals: 1 });
      const pk = `key#${keyId}`;
      const { usedAt: refusedAt } = LAST;
      const real = refusedFor === 'api_key.replaced' && { realRefusals: { hour: '2026-11-26T12', minutes: [30] } };
      expect(await itemsIn(embedded.usageTable, keyId)).toEqual([
        { pk, ...HOUR, [`refused#${refusedFor}`]: [30], refusedFrom: ['192.0.2.0/24'] },
        {
          pk,
          sk: 'last',
          refusedAt,
          refusedFrom: '192.0.2.0/24',
          refusedFor,
          purgeAt: refusedAt + 90 * 86_400,
          ...real,
        },
      ]);
    },
  );

  it('leaves nothing for ever of a key without a use, and takes nothing away from one that was used', async () => {
    const { record } = start();
    const keyId = newKeyId();
    await record({ keyId, refusedFor: 'api_key.secret' });
    expect((await itemsIn(embedded.usageTable, keyId)).at(-1)).toHaveProperty('purgeAt');
    await record({ keyId });
    await record({ keyId, refusedFor: 'api_key.secret', sourceIp: '198.51.100.1' });
    expect((await itemsIn(embedded.usageTable, keyId)).at(-1)).not.toHaveProperty('purgeAt');
  });

  it('is an Allow whose own policy denies this caller', async () => {
    const keyId = newKeyId();
    const allowedNetworks = ['198.51.100.0/24'];
    expect(await start().record({ keyId, allowedNetworks })).toMatchObject({ uses: 0, refusals: 1 });
    const last = (await itemsIn(embedded.usageTable, keyId)).at(-1);
    expect(last).toMatchObject({ refusedFor: 'outside_networks' });
    expect(last).not.toHaveProperty('usedAt');
    const inside = newKeyId();
    expect(await start().record({ keyId: inside, allowedNetworks, sourceIp: '198.51.100.1' })).toMatchObject({
      uses: 1,
    });
  });

  it('with ids that were made up makes no row: 100,000 of them', async () => {
    const { recorder, requests } = start();
    const before = (await itemsIn(embedded.usageTable)).length;
    const keyId = newKeyId();
    const line = lineOf({ keyId, at: NOW, refusedFor: 'api_key.unknown' });
    const ids = Array.from({ length: 100_000 }, (_, number) => String(number).padStart(keyId.length, 'x'));
    expect(await recorder.record(ids.map((id) => line.replace(keyId, id)))).toMatchObject({
      ...{ uses: 0, refusals: 0, writes: 0 },
      passedOver: { unrelated: 100_000 },
    });
    expect(requests).toEqual([]);
    expect(await itemsIn(embedded.usageTable)).toHaveLength(before);
  });

  it('has a ceiling a minute for what anybody may cause, which leaves room for real secrets', async () => {
    const { record, advance } = start('block', { refusalsPerMinute: 3 });
    const [victim, caller] = [newKeyId(), newKeyId()];
    const wrong = Array.from({ length: 4 }, () => ({ keyId: newKeyId(), refusedFor: 'api_key.secret' as const }));
    expect(await record(...wrong)).toMatchObject({ refusals: 4, refusalsOverCeiling: 1, writes: 6 });
    expect(await record({ keyId: victim, refusedFor: 'api_key.secret' })).toMatchObject({
      refusalsOverCeiling: 1,
      writes: 0,
    });
    expect(await itemsIn(embedded.usageTable, victim)).toEqual([]);
    expect(await record({ keyId: caller, refusedFor: 'api_key.replaced' })).toMatchObject({
      refusalsOverCeiling: 0,
      writes: 2,
    });
    expect(await record({ keyId: victim })).toMatchObject({ refusalsOverCeiling: 0, writes: 2 });
    advance(MINUTE_MS);
    expect(await record({ keyId: victim, refusedFor: 'api_key.secret' })).toMatchObject({
      refusalsOverCeiling: 0,
      writes: 2,
    });
  });
});

describe('the addresses of an hour', () => {
  const address = (index: number) => `10.0.${index}.1`;
  const hourOf = async (keyId: string) => (await itemsIn(embedded.usageTable, keyId))[0];

  it.each([20, 21, 60])('are 20 at most, and it is told that there were more: %i', async (count) => {
    const keyId = newKeyId();
    const { record } = start();
    await record(...Array.from({ length: count }, (_, index) => ({ keyId, sourceIp: address(index) })));
    const hour = await hourOf(keyId);
    expect(hour?.['usedFrom']).toHaveLength(20);
    expect(hour?.['more']).toEqual(count > 20 ? ['usedFrom'] : undefined);
  });

  it('come one by one and by several recorders to the same', async () => {
    const keyId = newKeyId();
    const recorders = Array.from({ length: 4 }, () => start());
    await Promise.all(
      recorders.map(async ({ record }, offset) => {
        for (let index = 0; index < 12; index++) await record({ keyId, sourceIp: address(index + offset * 4) });
      }),
    );
    const hour = await hourOf(keyId);
    expect(hour?.['usedFrom']).toHaveLength(20);
    expect(hour?.['more']).toEqual(['usedFrom']);
  });

  it('that are full cost nothing more within the minute', async () => {
    const keyId = newKeyId();
    const { record, requests } = start();
    await record(...Array.from({ length: 30 }, (_, index) => ({ keyId, sourceIp: address(index) })));
    requests.length = 0;
    await record({ keyId, sourceIp: address(1) });
    expect(requests).toEqual([]);
  });
});

describe('lines', () => {
  it('that are not ours, are broken or out of time are counted and passed over', async () => {
    const { recorder, record } = start();
    const keyId = newKeyId();
    const good = lineOf({ keyId, at: NOW });
    const token = good.replace('"authMethod":"api_key"', '"authMethod":"bearer"');
    const lines = [
      ...['', '{', '[]', 'null', '{"level":"INFO"}', 'START RequestId: 1'],
      ...[token, good.replace('"outcome":"allow"', '"outcome":"fault"')],
      ...[
        good.replace(keyId, 'x'),
        good.replace('2026-11-26T', 'yesterday'),
        good.replace('"reason":"api_key.valid', '"reason":"api_key.A'),
      ],
    ];
    expect((await recorder.record(lines)).passedOver).toEqual({ foreign: 6, unrelated: 2, broken: 3 });
    const [day, five] = [24 * 60 * MINUTE_MS, 5 * MINUTE_MS];
    const times = [NOW + five + 1, NOW + five, NOW - 90 * day, NOW - 90 * day - 1];
    expect(await record(...times.map((at) => ({ keyId, at })))).toMatchObject({
      uses: 2,
      passedOver: { future: 1, outdated: 1 },
    });
  });
});
