import { Fault } from '../fault.ts';
import type { ImportedPrefixes } from '../key-format/imported.ts';
import { type Environment, formatProblems, type Problem, readVariables, type Values } from './read-variables.ts';
import { AUTHORIZER_VARIABLES } from './variables/authorizer.ts';

/** What the authorizer is told. */
export interface Config {
  readonly table: string;
  readonly issuer: string;
  readonly audience: readonly string[] | 'any';
  readonly clients: readonly string[] | 'any';
  readonly jwksUri: string;
  readonly jwksTimeoutMs: number;
  readonly keyPrefix: string;
  readonly environment: string;
  readonly importedPrefixes: ImportedPrefixes;
  readonly accountCheck: 'keys' | 'all';
  readonly policyConditions: 'on' | 'off';
  readonly tableAtStart: 'on' | 'off';
}

/** Reads the authorizer's variables. @returns the configuration, or every problem at once. */
export function readConfig(env: Environment): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const read = readVariables(AUTHORIZER_VARIABLES, env, findConflicts);
  if ('problems' in read) return read;
  const { values } = read;
  const config = {
    table: values.GATEPASS_TABLE,
    issuer: values.GATEPASS_ISSUER,
    audience: values.GATEPASS_AUDIENCE,
    clients: values.GATEPASS_CLIENTS,
    jwksUri: values.GATEPASS_JWKS_URI ?? jwksUriOf(values.GATEPASS_ISSUER),
    jwksTimeoutMs: values.GATEPASS_JWKS_TIMEOUT_MS,
    keyPrefix: values.GATEPASS_KEY_PREFIX,
    environment: values.GATEPASS_ENVIRONMENT,
    importedPrefixes: values.GATEPASS_IMPORTED_PREFIXES ?? [],
    accountCheck: values.GATEPASS_ACCOUNT_CHECK,
    policyConditions: values.GATEPASS_POLICY_CONDITIONS,
    tableAtStart: values.GATEPASS_TABLE_AT_START,
  };
  return { config };
}

/** Where Keycloak publishes the keys of a realm. */
export function jwksUriOf(issuer: string): string {
  return `${issuer}/protocol/openid-connect/certs`;
}

/** @throws Fault `fault.configuration`, whose message has every problem. */
export function parseConfig(env: Environment): Config {
  const read = readConfig(env);
  if ('problems' in read) throw new Fault('fault.configuration', formatProblems(read.problems));
  return read.config;
}

function findConflicts({
  GATEPASS_KEY_PREFIX: ownPrefix,
  GATEPASS_IMPORTED_PREFIXES: importedPrefixes,
}: Partial<Values<typeof AUTHORIZER_VARIABLES>>): readonly Problem[] {
  if (importedPrefixes === undefined || importedPrefixes === 'any') return [];
  return importedPrefixes.flatMap((prefix) => {
    const why = whyNoImportedPrefix(prefix, ownPrefix);
    return why === undefined ? [] : [{ variable: 'GATEPASS_IMPORTED_PREFIXES', problem: `has ${prefix}, but ${why}` }];
  });
}

function whyNoImportedPrefix(prefix: string, ownPrefix: string | undefined): string | undefined {
  if (ownPrefix !== undefined && prefix.startsWith(`${ownPrefix}_`)) {
    return `what starts with ${ownPrefix}_ is always a key of ours`;
  }
  // A JWT's header begins with {" (RFC 7519, section 3.1, has an example).
  if (prefix.startsWith('eyJ') || 'eyJ'.startsWith(prefix)) return 'tokens start with eyJ and would be taken for keys';
  return undefined;
}
