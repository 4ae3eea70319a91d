import { Command } from 'commander';
import { type AccountChange, disableAccount, enableAccount } from '../accounts/account-state.ts';
import { createAccount, getAccount, listAccounts } from '../accounts/accounts.ts';
import type { TableAndClock } from '../accounts/admin.ts';
import { deleteAccount } from '../accounts/delete-account.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatJson, formatTable, formatTime, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';

interface CreateOptions extends ConnectOptions {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly role?: readonly string[];
}

interface DeleteOptions extends ConnectOptions {
  readonly yes?: boolean;
}

export function usersCommand({ out, err }: Output): Command {
  const users = new Command('users').description('users, who own keys');

  withTable(users.command('create <userId>'))
    .description("create a user's account; the id is their sub in Keycloak")
    .option('--email <email>', 'their email address')
    .option('--first-name <name>', 'their first name')
    .option('--last-name <name>', 'their last name')
    .option('--role <role...>', 'realm roles, which their keys inherit')
    .addHelpText(
      'after',
      '\nExample:\n  gatepass users create user-42 --email ada@example.com --first-name Ada --last-name Lovelace --table gatepass',
    )
    .action(async (userId: string, options: CreateOptions) => {
      const { email, firstName, lastName, role } = options;
      const newAccount = { userId, email, firstName, lastName, roles: role };
      const account = await onAdmin(options, (admin) => createAccount(admin, newAccount));
      out(options.json ? formatJson(account) : formatTable([toRow(account)]));
    });

  withTable(users.command('show <userId>'))
    .description("show a user's account")
    .addHelpText('after', '\nExample:\n  gatepass users show user-42 --table gatepass --json')
    .action(async (userId: string, options: ConnectOptions) => {
      const account = await onAdmin(options, (admin) => getAccount(admin, userId));
      out(options.json ? formatJson(account) : formatTable([toRow(account)]));
    });

  withTable(users.command('list'))
    .description('list all users (reads the whole table); with --json, one line a user')
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

  changing('disable', 'refuse all keys of a user, until the user is enabled again', disableAccount);
  changing('enable', "accept a disabled user's keys again", enableAccount);

  withTable(users.command('delete <userId>'))
    .description('refuse all keys of a user for good; the table removes them 30 days later')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  gatepass users delete user-42 --table gatepass --yes')
    .action((userId: string, options: DeleteOptions) =>
      onAdmin(options, async (admin) => {
        await getAccount(admin, userId);
        const what = `User ${userId} and all of their keys will be deleted, which can't be undone.`;
        await confirm(what, options.yes, err);
        print(await deleteAccount(admin, userId), options);
      }),
    );

  function changing(
    name: string,
    description: string,
    change: (admin: TableAndClock, userId: string) => Promise<AccountChange>,
  ): void {
    withTable(users.command(`${name} <userId>`))
      .description(description)
      .addHelpText('after', `\nExample:\n  gatepass users ${name} user-42 --table gatepass`)
      .action(async (userId: string, options: ConnectOptions) => {
        print(await onAdmin(options, (admin) => change(admin, userId)), options);
      });
  }

  function print({ account, changed }: AccountChange, { json }: ConnectOptions): void {
    out(json ? formatJson({ changed, ...account }) : formatTable([toRow(account)]));
    if (!changed && !json) err('It was so already: nothing was changed.');
  }

  return users;
}

function toRow(account: AccountRecord): Row {
  return {
    USER: account.userId,
    STATE: stateOf(account),
    EMAIL: account.email,
    NAME: [account.firstName, account.lastName].filter(Boolean).join(' '),
    ROLES: account.roles?.join(' '),
    KEYS: account.keyCount,
    CREATED: formatTime(account.createdAt),
    CHANGED: formatTime(account.updatedAt),
  };
}

function stateOf({ deleted, active, disabledBy }: AccountRecord): string {
  if (deleted === true) return 'deleted';
  if (active === true) return 'active';
  return disabledBy === 'sync' ? 'disabled (by sync)' : 'disabled';
}
