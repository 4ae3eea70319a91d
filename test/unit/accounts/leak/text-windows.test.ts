import { describe, expect, it } from 'vitest';
import { textWindows } from '../../../../src/accounts/leak/text-windows.ts';

async function windowsOf(chunks: readonly Buffer[]) {
  async function* input() {
    yield* chunks;
  }
  const windows = [];
  for await (const window of textWindows(input())) windows.push(window);
  return windows;
}

function inChunks(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

/** A text in which each place can be told from every other. */
const TEXT = Array.from({ length: 20_000 }, (_, n) => `${n} `).join('');

describe('the windows of a stream', () => {
  it.each([1, 100, 8191, 8192, 8193, 65_536, 200_000])(
    'come to the whole text once, in chunks of %i bytes, with 8 KB around each but at the ends',
    async (size) => {
      const windows = await windowsOf(inChunks(Buffer.from(TEXT), size));
      expect(windows.map(({ text, from, to }) => text.slice(from, to)).join('')).toBe(TEXT);
      for (const [index, { text, from, to }] of windows.entries()) {
        expect(from).toBe(index === 0 ? 0 : 8192);
        expect(text.length - to).toBe(index === windows.length - 1 ? 0 : 8192);
      }
    },
  );

  it('are one of one byte, and none of nothing', async () => {
    expect(await windowsOf([Buffer.from('x')])).toEqual([{ text: 'x', from: 0, to: 1 }]);
    expect(await windowsOf([])).toEqual([]);
    expect(await windowsOf([Buffer.alloc(0)])).toEqual([]);
  });

  it('hold ASCII in whatever encoding, and between bytes that are no text', async () => {
    for (const bytes of [
      Buffer.from('a key', 'utf16le'),
      Buffer.from('a key', 'utf16le').swap16(),
      Buffer.concat([Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('a key'), Buffer.from([0xc3])]),
    ]) {
      const [window] = await windowsOf([bytes]);
      expect(window?.text).toContain('a key');
    }
  });

  it('do not wait for more when there is enough, and do not hold on to what is done', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    for (const chunks of [Array.from({ length: 50 }, () => chunk), [Buffer.alloc(50 * 65_536, 'x')]]) {
      for (const { text } of await windowsOf(chunks)) expect(text.length).toBeLessThanOrEqual(65_536 + 3 * 8192);
    }
  });
});
