import { describe, expect, it } from 'vitest';
import { blockOf, keptAddress } from '../../../src/usage/address.ts';
import { fc } from '../../support/properties.ts';

describe('the block of an address', () => {
  it.each([
    ['192.0.2.255', '192.0.2.0/24'],
    ['0.0.0.0', '0.0.0.0/24'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['2001:0DB8:0001:ffff:ffff:ffff:ffff:ffff', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8::/48'],
    ['2001::1', '2001::/48'],
    ['::1', '::/48'],
    ['1::', '1::/48'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['::ffff:c000:207', '192.0.2.0/24'],
    ['fe80::1%eth0', 'fe80::/48'],
  ])('%s is %s', (address, block) => {
    expect(blockOf(address)).toBe(block);
  });

  it.each(['', 'none', '192.0.2', '192.0.2.1/24', '1:2'])('is none of what is no address: %s', (text) => {
    expect(blockOf(text)).toBeUndefined();
  });
});

it.each([
  ['block', '192.0.2.0/24'],
  ['full', '192.0.2.1'],
  ['off', undefined],
] as const)('an address is kept as %s: %s', (mode, kept) => {
  expect(keptAddress('192.0.2.1', mode)).toBe(kept);
  expect(keptAddress('a secret', mode)).toBeUndefined();
  expect(keptAddress(undefined, mode)).toBeUndefined();
});

it.each([
  ['2001:0DB8:0:0::0:1', '2001:db8::1'],
  ['FE80::1%eth0', 'fe80::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
])('an address is kept in one way of writing, however it is written: %s', (address, kept) => {
  expect(keptAddress(address, 'full')).toBe(kept);
});

it('every address of IPv6 has a block', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(blockOf(address)).toMatch(/^(.+:.*:\/48|::\/48|(\d+\.){3}0\/24)$/);
    }),
  );
});
