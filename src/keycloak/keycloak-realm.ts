import { fetchJwks } from '../bearer/fetch-jwks.ts';
import type { Clock } from '../decision.ts';
import { listAdminEvents, listLoggedOut, listSelfDeleted, readEventsConfig } from './events.ts';
import { readLists } from './lists.ts';
import type { Realm } from './realm.ts';
import type { RealmAddress } from './realm-address.ts';
import { readNotBefore } from './realm-not-before.ts';
import { createRealmRequests } from './realm-requests.ts';
import { REQUEST_MS, realmUrl, type ServiceAccount } from './request-token.ts';
import { countUsers, findUser, listUsers, rolesOf } from './users.ts';

/**
 * A realm by Keycloak's Admin REST API, asked by a service account with the role view-users of realm-management, and
 * view-realm and view-events for what takes those.
 */
export function createKeycloakRealm(address: RealmAddress, account: ServiceAccount, now: Clock = Date.now): Realm {
  const requests = createRealmRequests(address, account, now);
  const { realmName } = address;
  return {
    findUser: (id) => findUser(requests, id),
    rolesOf: (id) => rolesOf(requests, id),
    users: () => listUsers(requests),
    lists: (mostRequests) => readLists(requests, mostRequests),
    async *disabledUsers() {
      for await (const { id } of listUsers(requests, { enabled: false })) yield id;
    },
    notBefore: () => readNotBefore(requests, realmName),
    events: () => readEventsConfig(requests, realmName),
    adminEvents: (since) => listAdminEvents(requests, realmName, since),
    loggedOut: (since) => listLoggedOut(requests, realmName, since),
    selfDeleted: () => listSelfDeleted(requests, realmName),
    async keySet() {
      const uri = `${realmUrl(address)}/protocol/openid-connect/certs`;
      return (await requests.ask('its keys', () => fetchJwks(uri, REQUEST_MS))).document;
    },
    async ping() {
      await countUsers(requests);
    },
    requests: requests.count,
  };
}
