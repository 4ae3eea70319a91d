import type { ClientSettings, RealmSettings } from '../keycloak/client-settings.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { type Finding, problem, skip } from './check.ts';

/** The clients whose logouts the receiver hears of. */
export interface LogoutClients {
  readonly clientIds: readonly string[];
  /** How long what revokes tokens is kept, in seconds. */
  readonly maxTokenLifetime: number;
  readonly settings: RealmSettings;
}

export interface LogoutFacts {
  readonly maxTokenLifetime: number;
  /** Their settings, by id; absent of one that the realm doesn't have. */
  readonly clients: ReadonlyMap<string, ClientSettings | undefined>;
}

/** @returns a finding if the realm doesn't show them. */
export async function readLogoutFacts({
  clientIds,
  maxTokenLifetime,
  settings,
}: LogoutClients): Promise<LogoutFacts | Finding> {
  try {
    const found = await Promise.all(clientIds.map(async (id) => [id, await settings.client(id)] as const));
    return { maxTokenLifetime, clients: new Map(found) };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    // What this account may not see says nothing of the clients.
    return error.code === 'realm_role' ? skip`${error.message}` : problem`${error.message}`;
  }
}
