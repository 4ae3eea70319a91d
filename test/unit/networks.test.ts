import { describe, expect, it } from 'vitest';
import { isInside } from '../../src/networks.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1::1', '2001:db8::/48'],
    ['2001:db8::1', '2001:db8::1'],
    ['192.0.2.1', '0.0.0.0/0'],
  ])('%s is inside %s', (address, network) => {
    expect(isInside(address, ['198.51.100.0/24', network])).toBe(true);
  });

  it.each([
    ['192.0.3.0', '192.0.2.0/24'],
    ['2001:db8:1::1', '2001:db8::/48'],
    ['192.0.2.1', '::/0'],
    ['::ffff:192.0.2.1', '192.0.2.0/24'],
    ['none', '0.0.0.0/0'],
    [undefined, '0.0.0.0/0'],
  ])('%s is outside %s', (address, network) => {
    expect(isInside(address, [network])).toBe(false);
  });

  it.each(['192.0.2.0/33', '192.0.2.0/-1', '192.0.2.0/x', '192.0.2.0/8.5', '/24', ''])(
    'is in no block that cannot be read: %s',
    (network) => {
      expect(isInside('192.0.2.1', [network])).toBe(false);
    },
  );
});
