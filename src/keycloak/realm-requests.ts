import { setTimeout as sleep } from 'node:timers/promises';
import KeycloakAdminClient from '@keycloak/keycloak-admin-client';
import type { Clock } from '../decision.ts';
import { USER_AGENT } from '../user-agent.ts';
import type { RealmAddress } from './realm-address.ts';
import { type Asking, isPassing, loginProblemOf, missingRole, problemOf, statusOf } from './realm-problem.ts';
import { REQUEST_MS, requestToken, type ServiceAccount } from './request-token.ts';
import { createServiceToken, readClaims } from './service-token.ts';

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

/** What failed in passing (5xx, 429, no answer) is asked again after this long each. */
const RETRY_AFTER_MS = [250, 1000];

/** Any of these sees all users: Keycloak's UserPermissions, `canView`. */
const VIEWING_ROLES = ['view-users', 'manage-users'];

export function createRealmRequests(address: RealmAddress, account: ServiceAccount, now: Clock): RealmRequests {
  const { baseUrl, realmName } = address;
  const { clientId } = account;
  const asking: Asking = { baseUrl, realmName, clientId };
  let sent = 0;
  const token = createServiceToken(logIn, now);
  const client = connect(token.current);

  function connect(getAccessToken: () => Promise<string>): KeycloakAdminClient {
    const connected = new KeycloakAdminClient({
      baseUrl,
      realmName,
      timeout: REQUEST_MS,
      // A redirect, which would take the token elsewhere, is an answer like any other.
      requestOptions: { redirect: 'manual', headers: { 'user-agent': USER_AGENT } },
      // By itself the client takes any 404, a proxy's too, for a user who isn't there.
      requestArgOptions: { catchNotFound: false },
    });
    connected.registerTokenProvider({ getAccessToken });
    return connected;
  }

  async function logIn(): Promise<string> {
    const request = () => requestToken(address, account);
    const accessToken = await retrying(() => counted(request)).catch((error: unknown) => {
      throw loginProblemOf(error, asking);
    });
    await assertMayView(accessToken);
    return accessToken;
  }

  /**
   * With less than view-users (query-users, say) Keycloak 26.7 lists no users and calls that a success, so that nobody
   * would seem disabled. A token that doesn't tell its roles (no client scope `roles`) has to show a user: itself.
   */
  async function assertMayView(accessToken: string): Promise<void> {
    const { sub, resource_access: access } = readClaims(accessToken);
    const roles = access?.['realm-management']?.roles;
    if (roles?.some((role) => VIEWING_ROLES.includes(role))) return;
    if (roles !== undefined || sub === undefined) throw missingRole('users', asking);
    const login = connect(async () => accessToken);
    await retrying(() => counted(() => login.users.findOne({ id: sub }))).catch((error: unknown) => {
      throw problemOf(error, 'users', asking);
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
        throw problemOf(error, what, asking, role);
      }
    },
    count: () => sent,
  };
}
