import { Command } from 'commander';
import type { Environment } from '../config/read-variables.ts';
import { isSecureUrl, SECURE_URL_RULE } from '../config/secure-url.ts';
import { examine } from '../doctor/doctor.ts';
import type { LogoutClients } from '../doctor/logout-facts.ts';
import type { Page } from '../doctor/page-facts.ts';
import { readPasted } from '../doctor/pasted.ts';
import { exitStatusOf, formatResults, resultsAsJson } from '../doctor/report.ts';
import { connectSettings, type RealmSettings } from '../keycloak/client-settings.ts';
import { realmAddress } from '../keycloak/realm-address.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { SECRET_VARIABLE } from './realm-options.ts';
import { ofThisProcess, type Surroundings } from './surroundings.ts';
import { authorizerValues, checkedOption, withAuthorizer } from './variable-option.ts';

interface DoctorOptions extends ConnectOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwksUri?: string;
  readonly tokenStdin?: boolean;
  readonly selfServiceUrl?: string;
  readonly selfServiceClient: string;
  readonly logoutClients?: readonly string[];
  /** Seconds. */
  readonly maxTokenLifetime: number;
  readonly adminUrl?: string;
  readonly clientId: string;
}

const HELP = `
Exit status: 0 all is well, 1 there is a problem, 2 wrong usage, 3 there are warnings only.
It asks from this machine, with your credentials; the function has a network and a role of its own.

Example:
  gatepass doctor --table gatepass --issuer https://id.example.com/realms/main --audience my-api
  gatepass doctor … --token-stdin < token.txt`;

/** `gatepass doctor`: what is wrong with the configuration, the realm, the table and a token. */
export function doctorCommand({ out }: Output, around: Surroundings = ofThisProcess()): Command {
  return withAuthorizer(withTable(new Command('doctor')))
    .description('find what is wrong with the realm and the table, and say what to do about it; changes nothing')
    .option('--token-stdin', 'judge the access token that standard input holds; it is never shown')
    .option('--self-service-url <url>', "examine the client of this page in the realm: the stack's SelfServiceUrl")
    .option('--self-service-client <id>', "the page's client", 'gatepass-keys-page')
    .addOption(checkedOption('GATEPASS_LOGOUT_CLIENTS', 'examine these clients, whose logouts are heard of'))
    .addOption(checkedOption('GATEPASS_MAX_TOKEN_LIFETIME'))
    .addOption(checkedOption('GATEPASS_SYNC_ADMIN_URL'))
    .addOption(checkedOption('GATEPASS_SYNC_CLIENT_ID', 'the client whose service account asks for those clients'))
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => {
      const token = options.tokenStdin ? await readToken(options, around) : undefined;
      const page = pageOf(options, around);
      const logoutClients = logoutClientsOf(options, around);
      const results = await onGivenTable(options, (table) =>
        examine({ ...around, values: valuesOf(options, table, around), table, token, page, logoutClients }),
      );
      out(options.json ? formatJson(resultsAsJson(results)) : formatResults(results, around.style, around.columns));
      around.setExitStatus(exitStatusOf(results));
    });
}

function pageOf(
  { selfServiceUrl: url, selfServiceClient: clientId }: DoctorOptions,
  { fetch }: Surroundings,
): Page | undefined {
  if (url === undefined) return undefined;
  if (!isSecureUrl(url)) throw new UsageError(`--self-service-url ${SECURE_URL_RULE}.`);
  return { url, clientId, fetch };
}

/** Only a service account sees a realm's clients: without its secret they are not examined. */
function logoutClientsOf(
  { issuer, adminUrl, clientId, logoutClients: clientIds, maxTokenLifetime }: DoctorOptions,
  { env, now }: Surroundings,
): LogoutClients | undefined {
  const clientSecret = env[SECRET_VARIABLE]?.trim();
  if (!clientIds || !issuer || !clientSecret) return undefined;
  let settings: RealmSettings | undefined;
  // Connected to when it is asked, so that an issuer that is no realm's is a finding like any.
  const connect = () => {
    settings ??= connectSettings(realmAddress(issuer, adminUrl), { clientId, clientSecret }, now);
    return settings;
  };
  return { clientIds, maxTokenLifetime, settings: { client: async (id) => connect().client(id) } };
}

async function readToken({ issuer, audience }: DoctorOptions, { readSecret }: Surroundings): Promise<string> {
  if (!issuer || !audience) throw new UsageError('A token is judged by --issuer and --audience: give both.');
  const pasted = readPasted(await readSecret('the token'), { keyPrefix: 'gp', importedPrefixes: [] });
  if (typeof pasted === 'string') throw new UsageError(pasted);
  return pasted.value;
}

async function onGivenTable<T>(options: DoctorOptions, work: (table: Table | undefined) => Promise<T>): Promise<T> {
  if (options.table || options.local) return onTable(options, work);
  if (!options.issuer && !options.jwksUri) {
    throw new UsageError('What shall be examined? Give --table NAME or --local, --issuer URL, or both.');
  }
  return work(undefined);
}

/** The function's variables as this command knows them, and whatever else the shell has under such a name. */
function valuesOf(options: DoctorOptions, table: Table | undefined, { env }: Surroundings): Environment {
  const inShell = Object.entries(env).filter(([name]) => name.startsWith('GATEPASS_'));
  return { ...Object.fromEntries(inShell), ...authorizerValues(options), GATEPASS_TABLE: table?.name };
}
