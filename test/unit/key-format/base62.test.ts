import { describe, expect, it } from 'vitest';
import { encodeBase62 } from '../../../src/key-format/base62.ts';

function bytes(size: number, value: number): Uint8Array {
  return new Uint8Array(size).fill(value);
}

describe('base62', () => {
  it.each([
    [[0], 2, '00'],
    [[1], 2, '01'],
    [[9], 2, '09'],
    [[10], 2, '0A'],
    [[35], 2, '0Z'],
    [[36], 2, '0a'],
    [[61], 2, '0z'],
    [[62], 2, '10'],
    [[1, 0], 2, '48'],
    [[0, 61], 6, '00000z'],
  ])('writes the bytes %j, %i wide, as %s', (values, width, expected) => {
    expect(encodeBase62(Uint8Array.from(values), width)).toBe(expected);
  });

  it.each([
    [4, 6, '4gfFC3'],
    [8, 11, 'LygHa16AHYF'],
    [12, 17, '1f2SI9UJPXvb7vdJ1'],
    [32, 43, 'yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1'],
  ])('holds %i bytes in %i characters, the least and the greatest of them', (size, width, greatest) => {
    expect(encodeBase62(bytes(size, 0), width)).toBe('0'.repeat(width));
    expect(encodeBase62(bytes(size, 255), width)).toBe(greatest);
  });

  it('writes the most significant digit first, so that order is kept', () => {
    const texts = [0, 1, 61, 62, 255].map((value) => encodeBase62(Uint8Array.of(value, 255 - value), 6));
    expect([...texts].sort()).toStrictEqual(texts);
  });

  it('writes different bytes differently', () => {
    const texts = Array.from({ length: 256 }, (_, value) => encodeBase62(bytes(32, value), 43));
    expect(new Set(texts).size).toBe(256);
  });
});
