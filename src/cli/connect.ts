import { type Command, Option } from 'commander';
import { type Admin, openAdmin } from '../accounts/admin.ts';
import type { LocalParts } from '../local/local-parts.ts';
import { openTable, type Table } from '../table/table.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { endpointUrl } from './option-values.ts';
import { variableOption } from './variable-option.ts';

export interface ConnectOptions {
  readonly table?: string;
  readonly usageTable?: string;
  readonly local?: boolean;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
}

/** The options that every command on the table has. */
export function withTable(command: Command): Command {
  return command
    .addOption(variableOption('GATEPASS_TABLE'))
    .addOption(new Option('--local', 'the local table kept in .gatepass/, instead of AWS').conflicts('endpointUrl'))
    .option('--region <region>', 'the AWS region (default: as the AWS SDK finds it)')
    .option('--profile <profile>', 'a profile of your AWS configuration')
    .option(
      '--endpoint-url <url>',
      'another DynamoDB endpoint, as http://127.0.0.1:8000 for DynamoDB Local',
      endpointUrl,
    )
    .option('--json', 'print JSON for programs');
}

/** The option of those that need the usage table too. */
export function withUsageTable(command: Command): Command {
  return withTable(command).addOption(variableOption('GATEPASS_USAGE_TABLE'));
}

/** Gives the table that the options name to some work, and lets go of it afterwards. */
export function onTable<T>(options: ConnectOptions, work: (table: Table) => Promise<T>): Promise<T> {
  return onTables(options, work);
}

/** The same with the usage table; nothing: the options name none. */
export async function onTables<T>(
  options: ConnectOptions,
  work: (table: Table, usage: Table | undefined) => Promise<T>,
): Promise<T> {
  if (options.local) {
    // Built to a file of its own that is not packed: it needs what only a checkout has installed.
    const { startKeptTable } = await import('../local/kept-table.ts').catch(onlyInCheckout);
    const { table, usageTable, stop } = await startKeptTable();
    return work(table, usageTable).finally(stop);
  }
  if (options.table === undefined) {
    throw new UsageError('Which table? Give --table NAME (or GATEPASS_TABLE), or --local for the local one.');
  }
  const { region, profile, endpointUrl: endpoint } = options;
  const table = openTable(options.table, { region, profile, endpoint });
  try {
    return await work(table, options.usageTable === undefined ? undefined : { ...table, name: options.usageTable });
  } catch (error) {
    const named = profile ?? process.env['AWS_PROFILE'];
    throw named && hasNoCredentials(error) ? noSuchProfile(named, error) : error;
  } finally {
    table.client.destroy();
  }
}

/** The same for what `npm start` runs: the local table, the local realm, and the variables of the function on them. */
export async function onLocalParts<T>(work: (parts: LocalParts) => Promise<T>): Promise<T> {
  const { startLocalParts } = await import('../local/local-parts.ts').catch(onlyInCheckout);
  const parts = await startLocalParts({ keep: true });
  return work(parts).finally(parts.stop);
}

/** The same for work on users and keys. */
export function onAdmin<T>(options: ConnectOptions, work: (admin: Admin) => Promise<T>): Promise<T> {
  return onTables(options, (table, usage) => work(openAdmin({ table, usage })));
}

/** @throws UsageError where the options name no usage table. */
export function usageOf({ usage }: Admin): Table {
  if (usage !== undefined) return usage;
  throw new UsageError(
    "Where is usage recorded? Give --usage-table NAME (or GATEPASS_USAGE_TABLE): the stack's output UsageTableName, which " +
      'there is with Usage=true.',
  );
}

/** The AWS SDK doesn't say that there is no such profile, only that it found no credentials anywhere. */
function hasNoCredentials(error: unknown): boolean {
  return error instanceof Error && /^Could not load credentials from any providers/.test(error.message);
}

function noSuchProfile(profile: string, cause: unknown): UsageError {
  return new UsageError(
    `The profile ${profile} has no credentials, or there is none: check --profile, AWS_PROFILE and ~/.aws/config.`,
    { cause },
  );
}

function onlyInCheckout(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  throw new UsageError('--local works in a checkout of Gatepass after "npm ci". Elsewhere give --table NAME.');
}
