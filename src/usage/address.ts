import { isIP } from 'node:net';

/** How addresses are kept: as blocks (/24, /48), in full, or not at all. */
export type AddressMode = 'block' | 'full' | 'off';

/** An address as it is kept; what is no address is not kept. */
export function keptAddress(address: string | undefined, mode: AddressMode): string | undefined {
  if (mode === 'off' || address === undefined || isIP(address) === 0) return undefined;
  return mode === 'full' ? address : blockOf(address);
}

/** The block that an address lies in: `192.0.2.0/24`, `2001:db8:1::/48`. Nothing: it is no address. */
export function blockOf(address: string): string | undefined {
  switch (isIP(address)) {
    case 4:
      return `${address.split('.').slice(0, 3).join('.')}.0/24`;
    case 6:
      return blockOfIPv6(address);
    default:
      return undefined;
  }
}

function blockOfIPv6(address: string): string {
  const [withoutZone = ''] = address.split('%');
  // A URL's host has the address in one way alone: lower case, no leading zeros, IPv4 in hex, the longest run of zeros short.
  const canonical = new URL(`http://[${withoutZone}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const all = tail === undefined ? groups : [...groups, ...Array(8 - groups.length - last.length).fill('0'), ...last];
  const mapped = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' ? Number.parseInt(all[6] ?? '0', 16) : undefined;
  if (mapped !== undefined) return `${mapped >> 8}.${mapped & 255}.${Number.parseInt(all[7] ?? '0', 16) >> 8}.0/24`;
  return new URL(`http://[${all.slice(0, 3).join(':')}::]/`).hostname.slice(1, -1).concat('/48');
}
