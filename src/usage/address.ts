import { isIP, isIPv4 } from 'node:net';

/** How addresses are kept: as blocks (/24, /48), in full, or not at all. */
export type AddressMode = 'block' | 'full' | 'off';

/** An address as it is kept; what is no address is not kept. */
export function keptAddress(address: string | undefined, mode: AddressMode): string | undefined {
  if (mode === 'off' || address === undefined) return undefined;
  return mode === 'full' ? canonicalOf(address) : blockOf(address);
}

/** The block that an address lies in: `192.0.2.0/24`, `2001:db8:1::/48`. Nothing: it is no address. */
export function blockOf(address: string): string | undefined {
  const canonical = canonicalOf(address);
  if (canonical === undefined) return undefined;
  if (isIPv4(canonical)) return `${canonical.split('.').slice(0, 3).join('.')}.0/24`;
  const [head = [], tail] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? [] : Array(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...(tail ?? [])];
  return `${canonicalIPv6(`${groups.slice(0, 3).join(':')}::`)}/48`;
}

/** An address in its one way of writing: of IPv6 without a zone, and IPv4 that is written as IPv6 as IPv4. */
function canonicalOf(address: string): string | undefined {
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : undefined;
  const [withoutZone = ''] = address.split('%');
  const canonical = canonicalIPv6(withoutZone);
  const [, high, low] = /^::ffff:([^:]+):([^:]+)$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 255])
    .join('.');
}

/** As the host of a URL is written: in lower case, no leading zeros, IPv4 in hex, the longest run of zeros short. */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
