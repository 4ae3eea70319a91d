import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, formatBar } from '../../../src/terminal/progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(isTTY: boolean, columns = 80) {
  const lines: string[] = [];
  const drawn: string[] = [];
  const stream = { isTTY, columns, write: (text: string | Uint8Array) => drawn.push(String(text)) > 0 };
  return { lines, drawn, progress: createProgress((text) => lines.push(text), stream) };
}

describe('progress on a terminal', () => {
  it('is one line, drawn at once and then ten times a second at most, with the latest text at the end', () => {
    const { lines, drawn, progress } = setUp(true);
    for (const text of ['1', '2', '3']) progress.show(text);
    expect(drawn).toEqual(['\r\u001b[2K1']);
    vi.advanceTimersByTime(99);
    expect(drawn).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(drawn).toEqual(['\r\u001b[2K1', '\r\u001b[2K3']);
    progress.end();
    expect(drawn.at(-1)).toBe('\r\u001b[2K');
    expect(lines).toEqual([]);
  });

  it('makes way for a line that stays', () => {
    const { lines, drawn, progress } = setUp(true);
    progress.show('1');
    progress.note('line 7: refused');
    expect(drawn.at(-1)).toBe('\r\u001b[2K');
    expect(lines).toEqual(['line 7: refused']);
  });

  it('is cut to the width of the terminal, since a line that wraps could not be removed', () => {
    const { drawn, progress } = setUp(true, 5);
    progress.show('123456789');
    expect(drawn).toEqual(['\r\u001b[2K1234']);
  });

  it('draws nothing after its end', () => {
    const { drawn, progress } = setUp(true);
    progress.show('1');
    progress.show('2');
    progress.end();
    const before = drawn.length;
    vi.advanceTimersByTime(1000);
    expect(drawn).toHaveLength(before);
  });
});

describe('progress in a log', () => {
  it('is a line each ten seconds, none for shorter work, without control characters', () => {
    const { lines, drawn, progress } = setUp(false);
    for (let text = 1; text <= 25; text++) {
      progress.show(String(text));
      vi.advanceTimersByTime(1000);
    }
    progress.end();
    expect(lines).toEqual(['10', '20']);
    expect(drawn).toEqual([]);
  });
});

describe('a bar', () => {
  it('is as full as the share, and says 100 % only at the end', () => {
    expect(formatBar(0)).toBe(`[${'.'.repeat(30)}] 0 %`);
    expect(formatBar(0.5)).toBe(`[${'#'.repeat(15)}${'.'.repeat(15)}] 50 %`);
    expect(formatBar(0.999)).toMatch(/ 99 %$/);
    expect(formatBar(1)).toBe(`[${'#'.repeat(30)}] 100 %`);
  });
});
