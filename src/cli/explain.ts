import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { type Environment, formatProblems } from '../config/read-variables.ts';
import type { Result } from '../doctor/check.ts';
import { readGiven } from '../doctor/checks/configuration.ts';
import { explainCredentials } from '../doctor/doctor.ts';
import { type Credentials, readPasted } from '../doctor/pasted.ts';
import { exitStatusOf, formatResults, resultsAsJson } from '../doctor/report.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onLocalParts, onTable, withTable } from './connect.ts';
import { ofThisProcess, type Surroundings } from './surroundings.ts';
import { authorizerValues, withAuthorizer } from './variable-option.ts';

interface ExplainOptions extends ConnectOptions {
  readonly issuer?: string;
}

const HELP = `
Give it the function's own values. It takes what people paste: a key, a token, an Authorization header, the whole answer
of the token endpoint, quoted or wrapped, or what "keys create" prints. What it reads is never shown.
Exit status: 0 the caller is let through, 1 refused, 2 wrong usage, 3 let through with a warning.

Examples:
  pbpaste | gatepass explain --table gatepass
  echo "$TOKEN" | gatepass explain --local
  gatepass explain --issuer https://id.example.com/realms/main --audience my-api < token.txt`;

/** `gatepass explain`: why a key or a token is refused, or that it isn't. */
export function explainCommand({ out }: Output, around: Surroundings = ofThisProcess()): Command {
  return withAuthorizer(withTable(new Command('explain')))
    .description("go through the authorizer's checks on a key or a token, which standard input holds; changes nothing")
    .addHelpText('after', HELP)
    .action(async (options: ExplainOptions) => {
      const pasted = await around.readSecret('the key or the token');
      const results = options.local
        ? await onLocalParts(({ env, table }) => explainOn(table, readCredentials(pasted, localValues(options, env))))
        : await explain(options, readCredentials(pasted, authorizerValues(options)));
      out(options.json ? formatJson(resultsAsJson(results)) : formatResults(results, around.style, around.columns));
      around.setExitStatus(exitStatusOf(results));
    });

  /** A token needs no table, unless its account is checked too. */
  function explain(options: ExplainOptions, read: Read): Promise<readonly Result[]> {
    const needsTable = read.credentials.kind === 'api_key' || options.table !== undefined;
    return needsTable ? onTable(options, (table) => explainOn(table, read)) : explainOn(undefined, read);
  }

  function explainOn(table: Table | undefined, { credentials, config }: Read): Promise<readonly Result[]> {
    return explainCredentials(credentials, around.askRealm, { config, table, now: around.now });
  }
}

interface Read {
  readonly credentials: Credentials;
  readonly config: Config;
}

function readCredentials(pasted: string, values: Environment): Read {
  const { names, config, problems } = readGiven(values);
  if (config === undefined) throw new UsageError(formatProblems(problems));
  const credentials = readPasted(pasted, config);
  if (typeof credentials === 'string') throw new UsageError(credentials);
  const isRealmGiven = names.includes('GATEPASS_ISSUER') && names.includes('GATEPASS_AUDIENCE');
  if (credentials.kind === 'token' && !isRealmGiven) {
    throw new UsageError('A token is judged by --issuer and --audience: give both, or --local for one of npm start.');
  }
  return { credentials, config };
}

/** What the function of `npm start` is told, under what this command is; of another realm it is told nothing. */
function localValues(options: ExplainOptions, env: Environment): Environment {
  const given = Object.entries(authorizerValues(options)).filter(([, value]) => value);
  const ofRealm = ['GATEPASS_ISSUER', 'GATEPASS_AUDIENCE', 'GATEPASS_CLIENTS', 'GATEPASS_JWKS_URI'];
  const local = Object.entries(env).filter(([name]) => !options.issuer || !ofRealm.includes(name));
  return Object.fromEntries([...local, ...given]);
}
