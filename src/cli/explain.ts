import { Command } from 'commander';
import { formatProblems } from '../config/read-variables.ts';
import { readGiven } from '../doctor/checks/configuration.ts';
import { explainCredentials } from '../doctor/doctor.ts';
import { readPasted } from '../doctor/pasted.ts';
import { exitStatusOf, formatResults, resultsAsJson } from '../doctor/report.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { ofThisProcess, type Surroundings } from './surroundings.ts';
import { variableOption } from './variable-option.ts';

interface ExplainOptions extends ConnectOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly clients?: string;
  readonly jwksUri?: string;
  readonly jwksTimeout?: string;
  readonly prefix?: string;
  readonly environment?: string;
  readonly importedPrefixes?: string;
  readonly accountCheck?: string;
}

const HELP = `
Give it the function's own values. It takes what people paste: a key, a token, an Authorization header, the whole answer
of the token endpoint, quoted or wrapped. What it reads is never shown.
Exit status: 0 the caller is let through, 1 refused, 2 wrong usage, 3 let through with a warning.

Examples:
  pbpaste | gatepass explain --table gatepass
  gatepass explain --issuer https://id.example.com/realms/main --audience my-api < token.txt`;

/** `gatepass explain`: why a key or a token is refused, or that it isn't. */
export function explainCommand({ out }: Output, around: Surroundings = ofThisProcess()): Command {
  return withTable(new Command('explain'))
    .description("go through the authorizer's checks on a key or a token, which standard input holds; changes nothing")
    .addOption(variableOption('GATEPASS_ISSUER'))
    .addOption(variableOption('GATEPASS_AUDIENCE'))
    .addOption(variableOption('GATEPASS_CLIENTS'))
    .addOption(variableOption('GATEPASS_JWKS_URI'))
    .addOption(variableOption('GATEPASS_JWKS_TIMEOUT_MS'))
    .addOption(variableOption('GATEPASS_KEY_PREFIX'))
    .addOption(variableOption('GATEPASS_ENVIRONMENT'))
    .addOption(variableOption('GATEPASS_IMPORTED_PREFIXES'))
    .addOption(variableOption('GATEPASS_ACCOUNT_CHECK'))
    .addHelpText('after', HELP)
    .action(async (options: ExplainOptions) => {
      const pasted = await around.readSecret('the key or the token');
      const { config, problems } = readGiven(valuesOf(options));
      if (config === undefined) throw new UsageError(formatProblems(problems));
      const credentials = readPasted(pasted, config);
      if (typeof credentials === 'string') throw new UsageError(credentials);
      if (credentials.kind === 'token' && (!options.issuer || !options.audience)) {
        throw new UsageError('A token is judged by --issuer and --audience: give both.');
      }
      const work = (table: Table | undefined) =>
        explainCredentials(credentials, around.askRealm, { config, table, now: around.now });
      const needsTable = credentials.kind === 'api_key' || options.table || options.local;
      const results = needsTable ? await onTable(options, work) : await work(undefined);
      out(options.json ? formatJson(resultsAsJson(results)) : formatResults(results, around.style));
      around.setExitStatus(exitStatusOf(results));
    });
}

function valuesOf(options: ExplainOptions): Readonly<Record<string, string | undefined>> {
  return {
    GATEPASS_ISSUER: options.issuer,
    GATEPASS_AUDIENCE: options.audience,
    GATEPASS_CLIENTS: options.clients,
    GATEPASS_JWKS_URI: options.jwksUri,
    GATEPASS_JWKS_TIMEOUT_MS: options.jwksTimeout,
    GATEPASS_KEY_PREFIX: options.prefix,
    GATEPASS_ENVIRONMENT: options.environment,
    GATEPASS_IMPORTED_PREFIXES: options.importedPrefixes,
    GATEPASS_ACCOUNT_CHECK: options.accountCheck,
  };
}
