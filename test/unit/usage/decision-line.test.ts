import { describe, expect, it } from 'vitest';
import { readLine } from '../../../src/usage/decision-line.ts';

const NOW = Date.parse('2026-11-26T12:30:00Z');
const KEY_ID = 'A'.repeat(28);
const LINE = {
  ...{ timestamp: '2026-11-26T12:29:00.000Z', outcome: 'allow', reason: 'api_key.valid', authMethod: 'api_key' },
  ...{ decisions: 1, apiKeyId: KEY_ID, secret: 'current', sourceIp: '192.0.2.1' },
};
const lineOf = (change: object) => JSON.stringify({ ...LINE, ...change });

describe('a line', () => {
  it('tells of a key what it says, however long it is', () => {
    const sighting = { keyId: KEY_ID, at: NOW - 60_000, sourceIp: '192.0.2.1', refusedFor: undefined, isProven: true };
    expect(readLine(lineOf({}), NOW)).toEqual({ ...sighting, grace: undefined });
    expect(readLine(lineOf({ path: 'x'.repeat(1_000_000) }), NOW)).toEqual({ ...sighting, grace: undefined });
  });

  it.each([
    ...['2026-13-45T99:99:99Z', '2026-11-26T12:29:60Z', '2026-11-26T12:29:00+01:00', '2026-11-26', '', null, 1, {}].map(
      (timestamp) => ({ timestamp }),
    ),
    ...['__proto__', '', `${KEY_ID}\n`, 'é'.repeat(28), [KEY_ID], null].map((apiKeyId) => ({ apiKeyId })),
    ...['constructor', 'token.expired', 'api_key.', 'api_key.valid\n', 'api_key.A', `api_key.${'a'.repeat(33)}`].map(
      (reason) => ({ reason }),
    ),
    ...['x'.repeat(65), 1, null].map((sourceIp) => ({ sourceIp })),
    ...[{ secret: 'another' }, { outsideNetworks: 'true' }, { secretUntil: 1 }, { secretSince: 'yesterday' }],
  ])('that has something else in the place of a value is broken: %o', (change) => {
    expect(readLine(lineOf(change), NOW)).toBe('broken');
  });

  it.each(['1', 2, null])('is foreign unless it counts one decision: %o', (decisions) => {
    expect(readLine(lineOf({ decisions }), NOW)).toBe('foreign');
  });

  it.each([
    ['under another name', `{"__proto__":${lineOf({})}}`],
    ['after a byte order mark', `\ufeff${lineOf({})}`],
    ['in a list', `[${lineOf({})}]`],
    ['without an end', '['.repeat(100_000)],
  ])('that is JSON %s is foreign', (_, text) => {
    expect(readLine(text, NOW)).toBe('foreign');
  });
});
