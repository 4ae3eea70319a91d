import { Command } from 'commander';
import { createAccount, getAccount } from '../admin/accounts.ts';
import type { Account } from '../table/items.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { formatJson, formatTable, formatTime, type Output } from './output.ts';

interface CreateOptions extends ConnectOptions {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly role?: readonly string[];
}

export function usersCommand({ out }: Output): Command {
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
      const account = await onTable(options, (table) => createAccount(table, newAccount, Date.now));
      out(render(account, options));
    });

  withTable(users.command('show <userId>'))
    .description("show a user's account")
    .addHelpText('after', '\nExample:\n  gatepass users show user-42 --table gatepass --json')
    .action(async (userId: string, options: ConnectOptions) => {
      const account = await onTable(options, (table) => getAccount(table, userId));
      out(render(account, options));
    });

  return users;
}

function render(account: Account, { json }: ConnectOptions): string {
  if (json) return formatJson(account);
  const state = account.deleted === true ? 'deleted' : account.active === true ? 'active' : 'disabled';
  return formatTable([
    {
      USER: account.userId,
      STATE: state,
      EMAIL: account.email,
      NAME: [account.firstName, account.lastName].filter(Boolean).join(' '),
      ROLES: account.roles?.join(' '),
      KEYS: account.keyCount,
      CREATED: formatTime(account.createdAt),
    },
  ]);
}
