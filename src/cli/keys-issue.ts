import { Command, Option } from 'commander';
import { graceEndOf } from '../accounts/api-key.ts';
import { durationOf, networkOf } from '../accounts/input.ts';
import { createKey, type IssuedKey } from '../accounts/keys.ts';
import { rotateKey } from '../accounts/rotate-key.ts';
import { formatJson, formatTime } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { owned } from './keys-output.ts';
import { checked, checkedList, parseExpiry } from './option-values.ts';
import { checkedOption } from './variable-option.ts';

interface CreateOptions extends ConnectOptions {
  readonly user: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly expires?: number;
  readonly scope?: string;
  readonly network?: readonly string[];
  readonly environment: string;
  readonly prefix: string;
}

interface RotateOptions extends ConnectOptions {
  readonly grace: number;
  readonly prefix: string;
  readonly discard?: 'current' | 'replaced';
}

export function createCommand(output: Output): Command {
  return withTable(new Command('create'))
    .description('create a key and print it, once: only its hash is stored')
    .requiredOption('--user <userId>', 'the owner, who must have an active account')
    .requiredOption('--name <name>', 'what the key is for')
    .option('--expires <when>', 'how long the key works, as 90d, or its end, as 2027-01-31', checked(parseExpiry))
    .option('--scope <scope>', 'space-separated scopes, handed to the backend')
    .option('--network <cidr...>', 'networks that requests must come from', checkedList(networkOf))
    .addOption(checkedOption('GATEPASS_ENVIRONMENT', 'the environment'))
    .addOption(checkedOption('GATEPASS_KEY_PREFIX'))
    .addHelpText(
      'after',
      '\nExample:\n  gatepass keys create --user user-42 --name "CI" --expires 90d --table gatepass',
    )
    .action(async (options: CreateOptions) => {
      const { user, name, scope, network, environment, prefix, expires } = options;
      const newKey = { userId: user, name, prefix, environment, expiresAt: expires, scope, allowedNetworks: network };
      printNew(output, await onAdmin(options, (admin) => createKey(admin, newKey)), options);
    });
}

export function rotateCommand(output: Output): Command {
  return withTable(new Command('rotate'))
    .argument('<keyId>', 'the key')
    .description('give a key a new secret and print it, once; the old one works until the grace ends')
    .addOption(
      new Option('--grace <duration>', 'how long the old secret goes on working, as 24h; 0s ends it at once')
        .argParser(checked(graceOf))
        .default(86_400, '24h'),
    )
    .addOption(
      new Option('--discard <which>', 'during a grace: which of the two secrets gives way').choices([
        'current',
        'replaced',
      ]),
    )
    .addOption(checkedOption('GATEPASS_KEY_PREFIX'))
    .addHelpText(
      'after',
      '\nExample:\n  gatepass keys rotate 0i5T1SDDFrAIMls9v39s3oni96Zx --grace 24h --table gatepass',
    )
    .action(async (keyId: string, options: RotateOptions) => {
      const { prefix, discard, grace } = options;
      const rotation = { graceSeconds: grace, prefix, discard };
      const rotated = await onAdmin(options, async (admin) => rotateKey(admin, await owned(admin, keyId), rotation));
      printNew(output, rotated, options);
      const { expiresAt } = rotated.item;
      const graceEnd = graceEndOf(rotated.item);
      if (graceEnd !== undefined && graceEnd * 1000 > Date.now()) {
        output.err(`The old secret works until ${formatTime(graceEnd)}.`);
      }
      if (expiresAt !== undefined)
        output.err(`The key still ends at ${formatTime(expiresAt)}: "gatepass keys update" moves it.`);
    });
}

function graceOf(text: string): number {
  return /^0[smhdw]?$/.test(text) ? 0 : durationOf(text);
}

/** The key goes to standard output alone, so that it can be piped to where it is kept. */
function printNew(output: Output, { key, item }: IssuedKey, { json }: ConnectOptions): void {
  output.reveal(json ? formatJson({ key, ...item }) : key, key);
  if (!json) output.err(`Key ${item.keyId} of ${item.userId}. It is shown this once: keep it in a secret store.`);
}
