import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../src/usage/batch.ts';
import { batchOf } from '../../support/usage.ts';

const packed = (text: string) => ({ awslogs: { data: gzipSync(text).toString('base64') } });

describe('a batch', () => {
  it('is the lines that CloudWatch Logs packed', async () => {
    expect(await readBatch(batchOf(['a', 'b\n', 'ü']))).toEqual({ lines: ['a', 'b\n', 'ü'] });
  });

  it('that only asks whether somebody is there has none', async () => {
    expect(await readBatch(batchOf(['CWL CONTROL MESSAGE: Checking health'], 'CONTROL_MESSAGE'))).toEqual({
      lines: [],
    });
  });

  it.each([
    undefined,
    {},
    { awslogs: { data: 'not gzip' } },
    packed('no JSON'),
    packed('{}'),
    packed('{"messageType":"DATA_MESSAGE","logEvents":[{"message":1}]}'),
    { awslogs: { data: gzipSync('{"messageType"').subarray(0, -4).toString('base64') } },
  ])('that is something else is refused: %o', async (event) => {
    expect(await readBatch(event)).toEqual({ refused: 'unreadable' });
  });

  it('may unpack to the limit, and not to a byte more', async () => {
    const text = JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: 'x'.repeat(1000) }] });
    expect(await readBatch(packed(text), text.length)).toHaveProperty('lines');
    expect(await readBatch(packed(text), text.length - 1)).toEqual({ refused: 'too_large' });
  });

  it('unpacks to 32 MB at most', async () => {
    const most = 32 * 1024 * 1024;
    const around = JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: '' }] }).length;
    const batch = (size: number) =>
      packed(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: ' '.repeat(size - around) }] }));
    expect(await readBatch(batch(most))).toHaveProperty('lines');
    expect(await readBatch(batch(most + 1))).toEqual({ refused: 'too_large' });
  });
});
