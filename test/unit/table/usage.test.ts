import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Table } from '../../../src/table/table.ts';
import { readLasts } from '../../../src/table/usage.ts';

const TABLE = 'gatepass-usage';
const START_MS = 1_795_508_130_000;
const keyOf = (keyId: string) => ({ pk: `key#${keyId}`, sk: 'last' });

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A table that gives these answers one after the other, the keys that it was asked for, and when. */
function tableOver(...answers: readonly object[]) {
  const asked: { keys: unknown; atMs: number }[] = [];
  const left = [...answers];
  const send = async ({ input }: { input: { RequestItems: Record<string, { Keys: object[] }> } }) => {
    asked.push({ keys: input.RequestItems[TABLE]?.Keys, atMs: Date.now() - START_MS });
    return left.shift() ?? {};
  };
  // One function for the overloads of all commands, of which BatchGetItem alone is sent.
  const usage = { client: { send, destroy: () => undefined } as unknown as Table['client'], name: TABLE };
  return {
    asked,
    async read(...keyIds: readonly string[]) {
      const lasts = readLasts(usage, keyIds);
      lasts.catch(() => undefined); // it may fail while the timers run
      await vi.runAllTimersAsync();
      return lasts;
    },
  };
}

const found = (...keyIds: readonly string[]) => ({
  Responses: { [TABLE]: keyIds.map((keyId) => ({ ...keyOf(keyId), usedAt: 60 })) },
});
const unprocessed = (...keyIds: readonly string[]) => ({ UnprocessedKeys: { [TABLE]: { Keys: keyIds.map(keyOf) } } });

describe('the last uses of many keys', () => {
  it('are asked for by the hundred, each key once', async () => {
    const keyIds = Array.from({ length: 101 }, (_, index) => `key-${index}`);
    const { read, asked } = tableOver(found('key-0'), found('key-100'));
    expect([...(await read(...keyIds, 'key-0')).keys()]).toEqual(['key-0', 'key-100']);
    expect(asked.map(({ keys }) => keys)).toEqual([keyIds.slice(0, 100).map(keyOf), [keyOf('key-100')]]);
  });

  it('that were left unprocessed are asked for again, and only they', async () => {
    const { read, asked } = tableOver({ ...found('ada'), ...unprocessed('bob') }, found('bob'));
    expect(await read('ada', 'bob')).toEqual(
      new Map([
        ['ada', { usedAt: 60 }],
        ['bob', { usedAt: 60 }],
      ]),
    );
    expect(asked[1]?.keys).toEqual([keyOf('bob')]);
  });

  it('are asked for six times in all, with longer and longer pauses', async () => {
    const short = Array.from({ length: 5 }, () => unprocessed('ada'));
    const { read, asked } = tableOver(...short, found('ada'));
    expect((await read('ada')).has('ada')).toBe(true);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 50, 150, 350, 750, 1550]);
  });

  it('are a fault after six times', async () => {
    const { read, asked } = tableOver(...Array.from({ length: 6 }, () => unprocessed('ada')));
    await expect(read('ada')).rejects.toMatchObject({
      ...{ name: 'Fault', reason: 'fault.table' },
      message: 'The table gatepass-usage left keys unprocessed 6 times.',
    });
    expect(asked).toHaveLength(6);
  });
});
