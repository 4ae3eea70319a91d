import { Command, Option } from 'commander';
import { networkOf } from '../accounts/input.ts';
import { updateKey } from '../accounts/update-key.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { owned, printChange } from './keys-output.ts';
import { checked, checkedList, parseExpiry } from './option-values.ts';

interface UpdateOptions extends ConnectOptions {
  readonly name?: string;
  /** Epoch seconds. */
  readonly expires?: number | 'never';
  readonly scope?: string;
  readonly network?: readonly string[];
  readonly anyNetwork?: boolean;
}

export function updateCommand(output: Output): Command {
  return withTable(new Command('update'))
    .argument('<keyId>', 'the key')
    .description('change a key and leave its secret as it is')
    .option('--name <name>', 'what the key is for')
    .option('--expires <when>', 'how long from now, as 90d, its end, as 2027-01-31, or never', checked(parseNewExpiry))
    .option('--scope <scope>', 'space-separated scopes, handed to the backend; "" for none')
    .addOption(
      new Option('--network <cidr...>', 'networks that requests must come from')
        .argParser(checkedList(networkOf))
        .conflicts('anyNetwork'),
    )
    .option('--any-network', 'let requests come from anywhere')
    .addHelpText(
      'after',
      '\nExample:\n  gatepass keys update 0i5T1SDDFrAIMls9v39s3oni96Zx --expires 2027-12-31 --table gatepass',
    )
    .action(async (keyId: string, options: UpdateOptions) => {
      const { name, expires, scope, network, anyNetwork } = options;
      const expiresAt = expires === 'never' ? null : expires;
      const update = { name, expiresAt, scope, allowedNetworks: anyNetwork ? null : network };
      if (Object.values(update).every((value) => value === undefined)) {
        throw new UsageError('What is to be changed? Give --name, --expires, --scope, --network or --any-network.');
      }
      printChange(
        output,
        await onAdmin(options, async (admin) => updateKey(admin, await owned(admin, keyId), update)),
        options,
      );
    });
}

/** Commander takes null for an empty text. */
function parseNewExpiry(text: string): number | 'never' {
  return text === 'never' ? text : parseExpiry(text);
}
