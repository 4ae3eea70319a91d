import { describe, expect, it } from 'vitest';
import { createMemory, type KnownKey, withWritten } from '../../../src/usage/memory.ts';

const known = (usedFrom: string): KnownKey => ({ last: { usedFrom }, hour: '', minutes: {}, addresses: {} });
/** What one such key takes. */
const BYTES = 112 + JSON.stringify(known('')).length;

describe('what is kept of keys', () => {
  it('is what was kept last, and nothing of another key', () => {
    const memory = createMemory();
    memory.keep('ada', known('early'));
    memory.keep('ada', known('late'));
    expect(memory.of('ada')).toEqual(known('late'));
    expect(memory.of('bob')).toEqual({ hour: '', minutes: {}, addresses: {} });
  });

  it('has a bound in bytes, beyond which those go that were kept longest ago', () => {
    const memory = createMemory(3 * BYTES);
    for (const keyId of ['ada', 'bob', 'cy', 'ada', 'dan']) memory.keep(keyId, known(''));
    const isKept = (keyId: string) => memory.of(keyId).last !== undefined;
    expect(['ada', 'bob', 'cy', 'dan'].filter(isKept)).toEqual(['ada', 'cy', 'dan']);
  });

  it.each([
    [2 * BYTES, ['ada', 'bob']],
    [2 * BYTES + 1, ['bob']],
  ])('counts how much of a key there is, not only how many: %i bytes', (bytes, kept) => {
    const memory = createMemory(2 * BYTES);
    memory.keep('ada', known(''));
    memory.keep('ada', known(''));
    memory.keep('bob', known('x'.repeat(bytes - 2 * BYTES)));
    expect(['ada', 'bob'].filter((keyId) => memory.of(keyId).last !== undefined)).toEqual(kept);
  });

  it('is nothing of a key that is greater than all the room', () => {
    const memory = createMemory(BYTES);
    memory.keep('ada', known('x'));
    expect(memory.of('ada').last).toBeUndefined();
  });
});

describe('what is known of an hour', () => {
  const used = (minute: number) => ({ minutes: new Map([['used', new Set([minute])]]), addresses: new Map() });
  const at = (hour: string, minute: number, before = createMemory().of('ada')) =>
    withWritten(before, hour, used(minute), new Set());

  it('is the latest minute, and nothing of an earlier hour', () => {
    const later = at('2026-11-26T11', 5);
    expect(later).toMatchObject({ hour: '2026-11-26T11', minutes: { used: 5 } });
    expect(at('2026-11-26T11', 4, later)).toEqual(later);
    expect(at('2026-11-26T10', 50, later)).toEqual(later);
    expect(at('2026-11-26T12', 1, later)).toMatchObject({ hour: '2026-11-26T12', minutes: { used: 1 } });
  });

  it('leaves what was known before as it was', () => {
    const before = at('2026-11-26T11', 5);
    at('2026-11-26T11', 6, before);
    expect(before.minutes).toEqual({ used: 5 });
  });
});
