import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import type { Clock } from '../decision.ts';
import type { Fetch } from '../doctor/ask.ts';
import { examine } from '../doctor/doctor.ts';
import { exitStatusOf, findingsAsJson, formatFindings } from '../doctor/report.ts';
import type { Table } from '../table/table.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { variableOption } from './variable-option.ts';

/** What the command has around it. */
export interface DoctorSurroundings {
  readonly fetch: Fetch;
  readonly now: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly style: Style;
  readStdin(): Promise<string>;
  setExitStatus(status: number): void;
}

interface DoctorOptions extends ConnectOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly clients?: string;
  readonly jwksUri?: string;
  readonly tokenStdin?: boolean;
}

const EXIT_HELP = `
Exit status: 0 all is well, 1 there is a problem, 2 wrong usage, 3 there are warnings only.
It asks from this machine, with your credentials; the function has a network and a role of its own.

Example:
  gatepass doctor --table gatepass --issuer https://id.example.com/realms/main --audience my-api
  gatepass doctor … --token-stdin < token.txt`;

export function doctorCommand({ out }: Output, around: DoctorSurroundings = ofThisProcess()): Command {
  return withTable(new Command('doctor'))
    .description('ask the realm and the table what will bite, and say what to do about it; changes nothing')
    .addOption(variableOption('GATEPASS_ISSUER'))
    .addOption(variableOption('GATEPASS_AUDIENCE'))
    .addOption(variableOption('GATEPASS_CLIENTS'))
    .addOption(variableOption('GATEPASS_JWKS_URI'))
    .option('--token-stdin', 'judge the access token that standard input holds; it is never shown')
    .addHelpText('after', EXIT_HELP)
    .action(async (options: DoctorOptions) => {
      const token = options.tokenStdin ? await readToken(options, around) : undefined;
      const findings = await onGivenTable(options, (table) =>
        examine({ ...around, values: valuesOf(options, table, around), table, token }),
      );
      out(options.json ? formatJson(findingsAsJson(findings)) : formatFindings(findings, around.style));
      around.setExitStatus(exitStatusOf(findings));
    });
}

async function readToken({ issuer, audience }: DoctorOptions, { readStdin }: DoctorSurroundings): Promise<string> {
  if (!issuer || !audience) throw new UsageError('A token is judged by --issuer and --audience: give both.');
  // As people copy it: with the scheme, with a line break at its end.
  const token = (await readStdin()).trim().replace(/^bearer\s+/i, '');
  if (token === '') throw new UsageError('Standard input is empty: give --token-stdin a token, as from < token.txt.');
  return token;
}

async function onGivenTable<T>(options: DoctorOptions, work: (table: Table | undefined) => Promise<T>): Promise<T> {
  if (options.table || options.local) return onTable(options, work);
  if (!options.issuer && !options.jwksUri) {
    throw new UsageError('What shall be examined? Give --table NAME or --local, --issuer URL, or both.');
  }
  return work(undefined);
}

/** The function's variables as this command knows them: an option counts more than the environment. */
function valuesOf(
  { issuer, audience, clients, jwksUri }: DoctorOptions,
  table: Table | undefined,
  { env }: DoctorSurroundings,
): Readonly<Record<string, string | undefined>> {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('GATEPASS_'))),
    GATEPASS_TABLE: table?.name,
    GATEPASS_ISSUER: issuer,
    GATEPASS_AUDIENCE: audience,
    GATEPASS_CLIENTS: clients,
    GATEPASS_JWKS_URI: jwksUri,
  };
}

function ofThisProcess(): DoctorSurroundings {
  return {
    fetch,
    now: Date.now,
    env: process.env,
    style: styleFor(process.stdout),
    readStdin: () => text(process.stdin),
    setExitStatus: (status) => {
      process.exitCode = status;
    },
  };
}
