import { Command } from 'commander';
import { type AccountChange, disableAccount, enableAccount } from '../accounts/account-state.ts';
import { createAccount, getAccount, listAccounts } from '../accounts/accounts.ts';
import type { TableAndClock } from '../accounts/admin.ts';
import { deleteAccount, restoreAccount } from '../accounts/delete-account.ts';
import { updateAccount } from '../accounts/update-account.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatTable, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, withTable, withUsageTable } from './connect.ts';
import { profileIn, withProfile } from './profile-options.ts';
import { logoutCommand } from './users-logout.ts';
import { moveCommand } from './users-move.ts';
import { printAccount, printChange, toRow } from './users-output.ts';

interface DeleteOptions extends ConnectOptions {
  readonly yes?: boolean;
}

export function usersCommand(output: Output): Command {
  const { out, err } = output;
  const users = new Command('users').description('users, who own keys');

  withTable(withProfile(users.command('create <userId>')))
    .description("create a user's account; the id is their sub in Keycloak")
    .addHelpText(
      'after',
      '\nExample:\n  gatepass users create user-42 --email ada@example.com --first-name Ada --last-name Lovelace --table gatepass',
    )
    .action(async (userId: string, options: ConnectOptions) => {
      const newAccount = { userId, ...profileIn({ ...options }) };
      printAccount(output, await onAdmin(options, (admin) => createAccount(admin, newAccount)), options);
    });

  withTable(users.command('show <userId>'))
    .description("show a user's account")
    .addHelpText('after', '\nExample:\n  gatepass users show user-42 --table gatepass --json')
    .action(async (userId: string, options: ConnectOptions) => {
      printAccount(output, await onAdmin(options, (admin) => getAccount(admin, userId)), options);
    });

  withTable(users.command('list'))
    .description('list all users but deleted ones (reads the whole table); with --json, one line a user')
    .addHelpText('after', '\nExample:\n  gatepass users list --table gatepass')
    .action((options: ConnectOptions) =>
      onAdmin(options, async (admin) => {
        const rows: Row[] = [];
        for await (const account of listAccounts(admin)) {
          if (options.json) out(JSON.stringify(account));
          else rows.push(toRow(account));
        }
        if (rows.length > 0) out(formatTable(rows));
        else if (!options.json) err('There are no users.');
      }),
    );

  withTable(withProfile(users.command('update <userId>')))
    .description('change what is told of a user: what is given replaces what was there, and "" takes it away')
    .addHelpText(
      'after',
      `
Where the sync runs, its next full pass sets it to what the realm has.

Examples:
  gatepass users update user-42 --email ada@example.org --table gatepass
  gatepass users update user-42 --role editor viewer --table gatepass`,
    )
    .action(async (userId: string, options: ConnectOptions) => {
      const update = profileIn({ ...options });
      if (Object.values(update).every((value) => value === undefined)) {
        throw new UsageError('What is to be changed? Give --email, --first-name, --last-name or --role.');
      }
      printChange(output, await onAdmin(options, (admin) => updateAccount(admin, userId, update)), options);
    });

  changing('disable', 'refuse all keys of a user, until the user is enabled again', disableAccount);
  changing('enable', "accept a disabled user's keys again", enableAccount);

  withUsageTable(users.command('delete <userId>'))
    .description('refuse all keys of a user for good, and forget the user but for a tombstone; their usage too')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  gatepass users delete user-42 --table gatepass --yes')
    .action((userId: string, options: DeleteOptions) =>
      onAdmin(options, async (admin) => {
        await getAccount(admin, userId);
        const what = `User ${userId} and all of their keys will be deleted, and what is known of the user forgotten.`;
        await confirm(`${what} It can't be undone.`, options.yes, err);
        printChange(output, await deleteAccount(admin, userId), options);
      }),
    );

  changing('restore', 'bring a deleted user back, with an empty account: no names, no roles, no keys', restoreAccount);
  users.addCommand(moveCommand(output)).addCommand(logoutCommand(output));

  function changing(
    name: string,
    description: string,
    change: (admin: TableAndClock, userId: string) => Promise<AccountChange>,
  ): void {
    withTable(users.command(`${name} <userId>`))
      .description(description)
      .addHelpText('after', `\nExample:\n  gatepass users ${name} user-42 --table gatepass`)
      .action(async (userId: string, options: ConnectOptions) => {
        printChange(output, await onAdmin(options, (admin) => change(admin, userId)), options);
      });
  }

  return users;
}
