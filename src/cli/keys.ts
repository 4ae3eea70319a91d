import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { durationOf } from '../admin/input.ts';
import { createKey, type ListedApiKey, listKeys } from '../admin/keys.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { formatJson, formatTable, formatTime, type Output } from './output.ts';

interface CreateOptions extends ConnectOptions {
  readonly user: string;
  readonly name: string;
  readonly expires?: string;
  readonly scope?: string;
  readonly network?: readonly string[];
  readonly environment: string;
  readonly prefix: string;
}

interface ListOptions extends ConnectOptions {
  readonly user: string;
}

export function keysCommand({ out, err }: Output): Command {
  const keys = new Command('keys').description('API keys');

  withTable(keys.command('create'))
    .description('create a key and print it, once: only its hash is stored')
    .requiredOption('--user <userId>', 'the owner, who must have an active account')
    .requiredOption('--name <name>', 'what the key is for')
    .option('--expires <duration>', 'how long the key works, as 90d (default: until it is revoked)')
    .option('--scope <scope>', 'space-separated scopes, handed to the backend')
    .option('--network <cidr...>', 'networks that requests must come from')
    .addOption(new Option('--environment <name>', 'the environment').env('GATEPASS_ENVIRONMENT').default('live'))
    .addOption(new Option('--prefix <prefix>', 'how keys start').env('GATEPASS_KEY_PREFIX').default('gp'))
    .addHelpText(
      'after',
      '\nExample:\n  gatepass keys create --user user-42 --name "CI" --expires 90d --table gatepass',
    )
    .action(async (options: CreateOptions) => {
      const { user, name, scope, network, environment, prefix, expires, json } = options;
      const expiresAt = expires === undefined ? undefined : Math.floor(Date.now() / 1000) + durationOf(expires);
      const newKey = { userId: user, name, prefix, environment, expiresAt, scope, allowedNetworks: network };
      const { key, item } = await onTable(options, (table) => createKey(table, newKey, { now: Date.now, randomBytes }));
      if (json) return out(formatJson({ key, ...publicPart(item) }));
      out(key);
      err(`Key ${item.keyId} of ${user}. It is shown this once: keep it in a secret store.`);
    });

  withTable(keys.command('list'))
    .description("list a user's keys")
    .requiredOption('--user <userId>', 'the owner')
    .addHelpText('after', '\nExample:\n  gatepass keys list --user user-42 --table gatepass')
    .action(async (options: ListOptions) => {
      const list = await onTable(options, (table) => listKeys(table, options.user));
      if (options.json) return out(formatJson(list.map(publicPart)));
      if (list.length === 0) return err(`User ${options.user} has no keys.`);
      out(formatTable(list.map((item) => toRow(item, Date.now()))));
    });

  return keys;
}

/** Hashes stay in the table. */
function publicPart({ hash: _hash, replacedHash: _replacedHash, ...item }: ListedApiKey): object {
  return item;
}

function toRow(item: ListedApiKey, now: number) {
  const isExpired = item.expiresAt !== undefined && now >= item.expiresAt * 1000;
  const state = item.deleted ? 'deleted' : item.active !== true ? 'disabled' : isExpired ? 'expired' : 'active';
  return {
    KEY: item.keyId,
    NAME: item.name,
    STATE: state,
    ENVIRONMENT: item.environment,
    CREATED: formatTime(item.createdAt),
    EXPIRES: formatTime(item.expiresAt) ?? 'never',
  };
}
