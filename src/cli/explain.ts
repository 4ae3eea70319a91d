import { Command, Option } from 'commander';
import { type Config, parseConfig } from '../config/config.ts';
import { explain, takeForExplanation } from '../doctor/explain.ts';
import { exitStatusOf, findingsAsJson, formatFindings } from '../doctor/report.ts';
import { Fault } from '../fault.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { styleFor } from '../terminal/style.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';

interface ExplainOptions extends ConnectOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly clients?: string;
  readonly jwksUri?: string;
  readonly prefix?: string;
  readonly environment?: string;
  readonly importedPrefixes?: string;
  readonly accountCheck?: string;
}

/** What a key is explained without. */
const UNUSED_REALM = { GATEPASS_ISSUER: 'https://not-given.invalid/realms/not-given', GATEPASS_AUDIENCE: '*' } as const;

/** `gatepass explain`: why a key or a token is refused, or that it isn't. */
export function explainCommand({ out }: Output): Command {
  const option = (flags: string, text: string, variable: string) => new Option(flags, text).env(variable);
  return withTable(new Command('explain'))
    .description("go through the authorizer's checks on a key or a token, which standard input holds; changes nothing")
    .addOption(option('--issuer <url>', "the realm's URL, for a token", 'GATEPASS_ISSUER'))
    .addOption(option('--audience <values>', 'the allowed aud values, for a token', 'GATEPASS_AUDIENCE'))
    .addOption(option('--clients <values>', 'the allowed azp values', 'GATEPASS_CLIENTS'))
    .addOption(option('--jwks-uri <url>', "where the function fetches the realm's keys", 'GATEPASS_JWKS_URI'))
    .addOption(option('--prefix <prefix>', 'how keys start', 'GATEPASS_KEY_PREFIX'))
    .addOption(option('--environment <name>', 'the environment whose keys are accepted', 'GATEPASS_ENVIRONMENT'))
    .addOption(option('--imported-prefixes <list>', 'how imported keys start', 'GATEPASS_IMPORTED_PREFIXES'))
    .addOption(option('--account-check <which>', 'keys, or all: tokens too', 'GATEPASS_ACCOUNT_CHECK'))
    .addHelpText(
      'after',
      `
Give it the function's own values. What it reads from standard input is never shown.
Exit status: 0 the caller is let through, 1 refused, 2 wrong usage, 3 let through with a warning.

Examples:
  pbpaste | gatepass explain --table gatepass
  gatepass explain --issuer https://id.example.com/realms/main --audience my-api < token.txt`,
    )
    .action(async (options: ExplainOptions) => {
      const value = await readSecret('the key or the token');
      const config = configOf(options);
      const credentials = takeForExplanation(value, config);
      if (credentials === undefined) throw new UsageError('Standard input holds no credential, or only a scheme.');
      if (credentials.kind === 'token' && (!options.issuer || !options.audience)) {
        throw new UsageError('A token is judged by --issuer and --audience: give both.');
      }
      const work = (table: Table | undefined) => explain(credentials, { config, table, fetch, now: Date.now });
      const needsTable = credentials.kind === 'api_key' || options.table || options.local;
      const findings = needsTable ? await onTable(options, work) : await work(undefined);
      out(options.json ? formatJson(findingsAsJson(findings)) : formatFindings(findings, styleFor(process.stdout)));
      process.exitCode = exitStatusOf(findings);
    });
}

function configOf(options: ExplainOptions): Config {
  try {
    return parseConfig(variablesOf(options));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** The options as the function's variables; a key needs no realm. */
function variablesOf(options: ExplainOptions): Record<string, string | undefined> {
  return {
    GATEPASS_TABLE: options.table ?? 'local',
    GATEPASS_ISSUER: options.issuer || UNUSED_REALM.GATEPASS_ISSUER,
    GATEPASS_AUDIENCE: options.audience || UNUSED_REALM.GATEPASS_AUDIENCE,
    GATEPASS_CLIENTS: options.clients,
    GATEPASS_JWKS_URI: options.jwksUri,
    GATEPASS_KEY_PREFIX: options.prefix,
    GATEPASS_ENVIRONMENT: options.environment,
    GATEPASS_IMPORTED_PREFIXES: options.importedPrefixes,
    GATEPASS_ACCOUNT_CHECK: options.accountCheck,
  };
}
