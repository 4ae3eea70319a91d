import { Command, Option } from 'commander';
import type { Admin, TableAndClock } from '../accounts/admin.ts';
import type { OwnedKey } from '../accounts/api-key.ts';
import { durationOf, networkOf } from '../accounts/input.ts';
import { deleteKey, disableKey, enableKey, getKey, type KeyChange } from '../accounts/key-state.ts';
import { createKey, type IssuedKey, listKeys } from '../accounts/keys.ts';
import { rotateKey } from '../accounts/rotate-key.ts';
import { toSeconds } from '../seconds.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatJson, formatTable, formatTime } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { findCommand } from './keys-find.ts';
import { toRow } from './keys-output.ts';
import { checked, checkedList } from './option-values.ts';
import { checkedOption } from './variable-option.ts';

interface CreateOptions extends ConnectOptions {
  readonly user: string;
  readonly name: string;
  readonly expires?: number;
  readonly scope?: string;
  readonly network?: readonly string[];
  readonly environment: string;
  readonly prefix: string;
}

interface ListOptions extends ConnectOptions {
  readonly user: string;
}

interface RotateOptions extends ConnectOptions {
  readonly grace: number;
  readonly prefix: string;
  readonly discard?: 'current' | 'replaced';
}

interface DeleteOptions extends ConnectOptions {
  readonly yes?: boolean;
}

export function keysCommand(output: Output): Command {
  const { out, err } = output;
  const keys = new Command('keys').description('API keys');

  withTable(keys.command('create'))
    .description('create a key and print it, once: only its hash is stored')
    .requiredOption('--user <userId>', 'the owner, who must have an active account')
    .requiredOption('--name <name>', 'what the key is for')
    .option(
      '--expires <duration>',
      'how long the key works, as 90d (default: until it is revoked)',
      checked(durationOf),
    )
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
      const expiresAt = expires === undefined ? undefined : toSeconds(Date.now()) + expires;
      const newKey = { userId: user, name, prefix, environment, expiresAt, scope, allowedNetworks: network };
      printNew(await onAdmin(options, (admin) => createKey(admin, newKey)), options);
    });

  withTable(keys.command('list'))
    .description("list a user's keys and how they stand")
    .requiredOption('--user <userId>', 'the owner')
    .addHelpText('after', '\nExample:\n  gatepass keys list --user user-42 --table gatepass')
    .action(async (options: ListOptions) => {
      const list = await onAdmin(options, (admin) => listKeys(admin, options.user));
      if (options.json) return out(formatJson(list));
      if (list.length === 0) return err(`User ${options.user} has no keys.`);
      out(formatTable(list.map((item) => toRow(item, Date.now()))));
    });

  withTable(keys.command('show <keyId>'))
    .description('show a key and how it stands')
    .addHelpText('after', '\nExample:\n  gatepass keys show 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass')
    .action(async (keyId: string, options: ConnectOptions) => {
      print({ item: await onAdmin(options, (admin) => getKey(admin, keyId)), changed: true }, options);
    });

  withTable(keys.command('rotate <keyId>'))
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
      printNew(rotated, options);
      if (rotation.graceSeconds > 0) {
        err(`The old secret works until ${formatTime(rotated.item.replacedUntil)}.`);
      }
    });

  changing('disable', 'refuse a key, until it is enabled again', disableKey);
  changing('enable', 'accept a disabled key again', enableKey);

  withTable(keys.command('delete <keyId>'))
    .description('refuse a key for good; the table removes it 30 days later')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  gatepass keys delete 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass --yes')
    .action((keyId: string, options: DeleteOptions) =>
      onAdmin(options, async (admin) => {
        const { userId, name } = await getKey(admin, keyId);
        const what = `Key ${keyId} ("${name ?? ''}", of ${userId}) will be deleted, which can't be undone.`;
        await confirm(what, options.yes, err);
        print(await deleteKey(admin, { userId, keyId }), options);
      }),
    );

  keys.addCommand(findCommand(output));

  function changing(
    name: string,
    description: string,
    change: (admin: TableAndClock, key: OwnedKey) => Promise<KeyChange>,
  ): void {
    withTable(keys.command(`${name} <keyId>`))
      .description(description)
      .addHelpText('after', `\nExample:\n  gatepass keys ${name} 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass`)
      .action(async (keyId: string, options: ConnectOptions) => {
        print(await onAdmin(options, async (admin) => change(admin, await owned(admin, keyId))), options);
      });
  }

  function print({ item, changed }: KeyChange, { json }: ConnectOptions): void {
    out(json ? formatJson({ changed, ...item }) : formatTable([toRow(item, Date.now())]));
    if (!changed && !json) err('It was so already: nothing was changed.');
  }

  /** The key goes to standard output alone, so that it can be piped to where it is kept. */
  function printNew({ key, item }: IssuedKey, { json }: ConnectOptions): void {
    output.reveal(json ? formatJson({ key, ...item }) : key, key);
    if (!json) err(`Key ${item.keyId} of ${item.userId}. It is shown this once: keep it in a secret store.`);
  }

  return keys;
}

function graceOf(text: string): number {
  return /^0[smhdw]?$/.test(text) ? 0 : durationOf(text);
}

/** An operator names a key by its id alone: whoever owns it is meant. */
async function owned(admin: Admin, keyId: string): Promise<OwnedKey> {
  const { userId } = await getKey(admin, keyId);
  return { userId, keyId };
}
