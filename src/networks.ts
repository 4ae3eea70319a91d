import { BlockList, isIP } from 'node:net';

/**
 * Whether an address lies in one of these CIDR blocks, as IAM's `IpAddress` has it: an address of the other family is in
 * none, and neither is what is no address. A block that can't be read holds nothing.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
 */
export function isInside(address: string | undefined, networks: readonly string[]): boolean {
  const family = address === undefined ? 0 : isIP(address);
  if (address === undefined || family === 0) return false;
  const [type, most] = family === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  return networks.some((network) => {
    const [base = '', bits] = network.split('/');
    const width = bits === undefined ? most : Number(bits);
    if (isIP(base) !== family || !Number.isInteger(width) || width < 0 || width > most) return false;
    const list = new BlockList();
    list.addSubnet(base, width, type);
    return list.check(address, type);
  });
}
