import { setTimeout as sleep } from 'node:timers/promises';
import KeycloakAdminClient from '@keycloak/keycloak-admin-client';
import type { Clock } from '../../decision.ts';
import type { RealmAddress } from './realm-address.ts';
import { type Asking, explain, explainLogin, isPassing, missingRole, statusOf } from './realm-problem.ts';
import { createServiceToken, readClaims } from './service-token.ts';
import { SyncError } from './sync-error.ts';

/** Who the sync is to the realm. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface RealmRequests {
  /**
   * Asks the realm something, as the service account.
   *
   * @param what is asked for, as `user 42`, and the role that shows it: for the error's message.
   * @throws SyncError after the tries are used up, or at once for what a repeat wouldn't change.
   */
  ask<T>(what: string, request: (client: KeycloakAdminClient) => Promise<T>, role?: string): Promise<T>;
  /** How many have been sent, those for tokens and repeated ones too. */
  count(): number;
}

/** One request, its body included. */
export const REQUEST_MS = 10_000;
/** What failed in passing (5xx, 429, no answer) is asked again after this long each. */
const RETRY_AFTER_MS = [250, 1000];

/** Any of these sees all users: Keycloak's UserPermissions, `canView`. */
const VIEWING_ROLES = ['view-users', 'manage-users'];

export function createRealmRequests(
  { baseUrl, realmName }: RealmAddress,
  { clientId, clientSecret }: ServiceAccount,
  now: Clock,
): RealmRequests {
  const asking: Asking = { baseUrl, realmName, clientId };
  let sent = 0;
  const token = createServiceToken(logIn, now);
  const client = connect();
  client.registerTokenProvider({ getAccessToken: token.current });

  function connect(): KeycloakAdminClient {
    return new KeycloakAdminClient({
      baseUrl,
      realmName,
      timeout: REQUEST_MS,
      // A redirect would take the secret or the token elsewhere.
      requestOptions: { redirect: 'error' },
      // By itself the client takes any 404, a proxy's too, for a user who isn't there.
      requestArgOptions: { catchNotFound: false },
    });
  }

  async function logIn(): Promise<string> {
    const login = connect();
    const credentials = { grantType: 'client_credentials', clientId, clientSecret } as const;
    await retrying(() => counted(() => login.auth(credentials))).catch((error: unknown) => {
      throw explainLogin(error, asking);
    });
    const { accessToken } = login;
    if (accessToken === undefined) throw new SyncError('realm_answer', `The realm ${realmName} gave no token.`);
    await assertMayView(login, accessToken);
    return accessToken;
  }

  /**
   * With less than view-users (query-users, say) Keycloak 26.7 lists no users and calls that a success, so that nobody
   * would seem disabled. A token that doesn't tell its roles (no client scope `roles`) has to show a user: itself.
   */
  async function assertMayView(login: KeycloakAdminClient, accessToken: string): Promise<void> {
    const { sub, resource_access: access } = readClaims(accessToken);
    const roles = access?.['realm-management']?.roles;
    if (roles?.some((role) => VIEWING_ROLES.includes(role))) return;
    if (roles !== undefined || sub === undefined) throw missingRole('users', asking);
    await retrying(() => counted(() => login.users.findOne({ id: sub }))).catch((error: unknown) => {
      throw explain(error, 'users', asking);
    });
  }

  async function retrying<T>(request: () => Promise<T>): Promise<T> {
    for (const pause of RETRY_AFTER_MS) {
      try {
        return await request();
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await sleep(pause);
    }
    return request();
  }

  function counted<T>(request: () => Promise<T>): Promise<T> {
    sent++;
    return request();
  }

  return {
    async ask(what, request, role) {
      const asked = () =>
        retrying(async () => {
          await token.current(); // here, so that its failure is known for what it is
          return counted(() => request(client));
        });
      try {
        return await asked().catch((error: unknown) => {
          if (statusOf(error) !== 401) throw error;
          token.forget(); // it was revoked, or the realm's keys were replaced
          return asked();
        });
      } catch (error) {
        throw explain(error, what, asking, role);
      }
    },
    count: () => sent,
  };
}
