import { Command } from 'commander';
import { type Config, readConfig } from '../config/config.ts';
import { formatProblems } from '../config/read-variables.ts';
import { explain, takeForExplanation } from '../doctor/explain.ts';
import { exitStatusOf, findingsAsJson, formatFindings } from '../doctor/report.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { styleFor } from '../terminal/style.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { variableOption } from './variable-option.ts';

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
  return withTable(new Command('explain'))
    .description("go through the authorizer's checks on a key or a token, which standard input holds; changes nothing")
    .addOption(variableOption('GATEPASS_ISSUER'))
    .addOption(variableOption('GATEPASS_AUDIENCE'))
    .addOption(variableOption('GATEPASS_CLIENTS'))
    .addOption(variableOption('GATEPASS_JWKS_URI'))
    .addOption(variableOption('GATEPASS_KEY_PREFIX'))
    .addOption(variableOption('GATEPASS_ENVIRONMENT'))
    .addOption(variableOption('GATEPASS_IMPORTED_PREFIXES'))
    .addOption(variableOption('GATEPASS_ACCOUNT_CHECK'))
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
  const read = readConfig(variablesOf(options));
  if ('problems' in read) throw new UsageError(formatProblems(read.problems));
  return read.config;
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
