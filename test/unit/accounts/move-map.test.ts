import { describe, expect, it } from 'vitest';
import { readMoves } from '../../../src/accounts/move-map.ts';

const read = (text: string) => readMoves(Buffer.from(text));

describe('a map of moves', () => {
  it.each([
    ['a line a user', 'a,b\nc,d\n', [1, 2]],
    ['a header', 'old,new\na,b\nc,d\n', [2, 3]],
    ['a byte order mark, line breaks of Windows, spaces and empty lines', '\ufeffa , b\r\n\r\n c,d\r\n', [1, 3]],
    ['quotes', '"a","b"\nc,d', [1, 2]],
  ])('may have %s', (_, text, [first, second]) => {
    expect(read(text)).toEqual([
      { line: first, from: 'a', to: 'b' },
      { line: second, from: 'c', to: 'd' },
    ]);
  });

  it('may move several to one, and nobody', () => {
    expect(read('a,c\nb,c\n')).toHaveLength(2);
    expect(read('')).toEqual([]);
  });

  it.each([
    ['one cell', 'a,b\nc\n', /^Line 2 of the map: it must have two cells/],
    ['three cells', 'a,b,c\n', /^Line 1 of the map: it must have two cells/],
    ['an empty id', 'a,\n', /^Line 1 of the map: The new id must be/],
    ['somebody twice', 'a,b\nc,d\na,e\n', /^Line 3 of the map: a is moved on line 1 already/],
    ['somebody on both sides', 'a,b\nb,c\n', /^Line 1 of the map: b is to be moved itself, on line 2/],
    ['a quote out of place', 'a,"b\n', /^Line \d of the map: a quote is out of place/],
    ['two columns by a semicolon', 'a;b\n', /^Line 1 of the map: it must have two cells/],
  ])('with %s moves nobody', (_, text, why) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => read(text)).toThrow(why);
  });

  it('must be UTF-8', () => {
    expect(() => readMoves(Uint8Array.of(0x61, 0x2c, 0xe9, 0x0a))).toThrow(/not UTF-8/);
  });
});
