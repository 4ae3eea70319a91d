import { join } from 'node:path';
import type { Table } from '../table/table.ts';
import { createDemoCredentials, type DemoCredentials } from './demo-credentials.ts';
import { IMPORTED_PREFIX } from './demo-keys.ts';
import { DEMO_AUDIENCE, DEMO_CLIENTS, DEMO_USER_CLAIMS } from './demo-tokens.ts';
import { LOCAL_ISSUER, startEmbeddedIssuer } from './embedded-issuer.ts';
import { LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from './embedded-table.ts';
import { keptFolder } from './kept-folder.ts';
import { startKeptTable } from './kept-table.ts';

/** The page's client at the realm, and what its tokens are for: the keys API alone. */
export const PAGE_CLIENT = 'gatepass-keys-page';
export const KEYS_AUDIENCE = 'gatepass-keys';

export interface LocalParts {
  readonly table: Table;
  readonly credentials: DemoCredentials;
  /** The function's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where a user signs in for the page on which keys are managed. */
  readonly signInIssuer: string;
  stop(): Promise<void>;
}

/** The function's variables for a local table and the local realm. */
export function localVariables(at: { readonly endpoint: string; readonly jwksUri: string }): Record<string, string> {
  return {
    ...LOCAL_AWS,
    AWS_ENDPOINT_URL_DYNAMODB: at.endpoint,
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: LOCAL_ISSUER,
    GATEPASS_JWKS_URI: at.jwksUri,
    GATEPASS_AUDIENCE: DEMO_AUDIENCE,
    GATEPASS_CLIENTS: DEMO_CLIENTS,
    GATEPASS_IMPORTED_PREFIXES: IMPORTED_PREFIX,
  };
}

/**
 * Starts the table and the issuer that the demo needs.
 *
 * @param keep whether they are those kept between commands or new ones, gone with this process.
 */
export async function startLocalParts({ keep }: { readonly keep: boolean }): Promise<LocalParts> {
  const folder = keep ? keptFolder() : undefined;
  const issuer = await startEmbeddedIssuer(folder && join(folder, 'realm-key.pem'), {
    ...{ claims: DEMO_USER_CLAIMS, clientId: PAGE_CLIENT, audience: KEYS_AUDIENCE, now: Date.now },
  });
  const table = await (folder === undefined ? startEmbeddedTable() : startKeptTable(folder)).catch(async (error) => {
    await issuer.stop();
    throw error;
  });
  return {
    table: table.table,
    credentials: createDemoCredentials(table, issuer, Date.now),
    env: localVariables({ endpoint: table.endpoint, jwksUri: issuer.jwksUri }),
    signInIssuer: issuer.signInIssuer,
    async stop() {
      await Promise.all([table.stop(), issuer.stop()]);
    },
  };
}
