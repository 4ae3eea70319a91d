import { Command } from 'commander';
import type { Admin, TableAndClock } from '../accounts/admin.ts';
import type { ApiKey, OwnedKey } from '../accounts/api-key.ts';
import { durationOf } from '../accounts/input.ts';
import { deleteKey, disableKey, enableKey, getKey, KEEP_DELETED_DAYS, type KeyChange } from '../accounts/key-state.ts';
import { listExpiringKeys, listKeys } from '../accounts/keys.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, usageOf, withTable, withUsageTable } from './connect.ts';
import { findCommand } from './keys-find.ts';
import { createCommand, rotateCommand } from './keys-issue.ts';
import { owned, printChange, printKey, toRow } from './keys-output.ts';
import { revokeLeakedCommand } from './keys-revoke-leaked.ts';
import { updateCommand } from './keys-update.ts';
import { lastUseOf, readKeysInUse, useColumns } from './last-use.ts';
import { checked } from './option-values.ts';

interface ListOptions extends ConnectOptions {
  readonly user?: string;
  /** Seconds. */
  readonly expiring?: number;
  readonly usage?: boolean;
}

interface DeleteOptions extends ConnectOptions {
  readonly yes?: boolean;
}

export function keysCommand(output: Output): Command {
  const { out, err } = output;
  const keys = new Command('keys').description('API keys').addCommand(createCommand(output));

  withUsageTable(keys.command('list'))
    .description("list a user's keys, or those of all users that end soon, and how they stand")
    .option('--user <userId>', 'the owner')
    .option('--expiring <duration>', 'the keys that end within this time, as 30d, of all users', checked(durationOf))
    .option('--usage', 'when each was last used and from where: a sample, since kept decisions are not seen')
    .addHelpText(
      'after',
      `
Without --user the whole table is read.

Examples:
  gatepass keys list --user user-42 --table gatepass
  gatepass keys list --user user-42 --usage --table gatepass --usage-table gatepass-usage
  gatepass keys list --expiring 30d --table gatepass --json`,
    )
    .action(async (options: ListOptions) => {
      const { list, uses } = await onAdmin(options, async (admin) => {
        const usage = options.usage ? usageOf(admin) : undefined;
        const found = await find(admin, options);
        return { list: found, uses: usage && (await readKeysInUse(usage, found)) };
      });
      if (options.json) return out(formatJson(list.map((item) => ({ ...item, ...lastUseOf(uses, item) }))));
      if (list.length === 0) return err(`There are no such keys${options.user ? ` of user ${options.user}` : ''}.`);
      out(formatTable(list.map((item) => ({ ...toRow(item, Date.now()), ...(uses && useColumns(uses, item)) }))));
    });

  withTable(keys.command('show <keyId>'))
    .description('show a key and how it stands')
    .addHelpText('after', '\nExample:\n  gatepass keys show 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass')
    .action(async (keyId: string, options: ConnectOptions) => {
      printKey(output, await onAdmin(options, (admin) => getKey(admin, keyId)), options);
    });

  keys.addCommand(rotateCommand(output)).addCommand(updateCommand(output));
  changing('disable', 'refuse a key, until it is enabled again', disableKey);
  changing('enable', 'accept a disabled key again', enableKey);

  withTable(keys.command('delete <keyId>'))
    .description(`refuse a key for good; the table removes it ${KEEP_DELETED_DAYS} days later`)
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  gatepass keys delete 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass --yes')
    .action((keyId: string, options: DeleteOptions) =>
      onAdmin(options, async (admin) => {
        const { userId, name } = await getKey(admin, keyId);
        const what = `Key ${keyId} ("${name ?? ''}", of ${userId}) will be deleted, which can't be undone.`;
        await confirm(what, options.yes, err);
        printChange(output, await deleteKey(admin, { userId, keyId }), options);
      }),
    );

  keys.addCommand(findCommand(output)).addCommand(revokeLeakedCommand(output));

  function changing(
    name: string,
    description: string,
    change: (admin: TableAndClock, key: OwnedKey) => Promise<KeyChange>,
  ): void {
    withTable(keys.command(`${name} <keyId>`))
      .description(description)
      .addHelpText('after', `\nExample:\n  gatepass keys ${name} 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass`)
      .action(async (keyId: string, options: ConnectOptions) => {
        printChange(output, await onAdmin(options, async (admin) => change(admin, await owned(admin, keyId))), options);
      });
  }

  return keys;
}

async function find(admin: Admin, { user, expiring }: ListOptions): Promise<readonly ApiKey[]> {
  if (expiring === undefined && user === undefined) {
    throw new UsageError('Which keys? Give --user for those of a user, or --expiring for those that end soon.');
  }
  if (expiring === undefined) return listKeys(admin, user ?? '');
  const found = await listExpiringKeys(admin, expiring);
  return user === undefined ? found : found.filter(({ userId }) => userId === user);
}
