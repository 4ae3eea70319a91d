import * as v from 'valibot';
import { createKeycloakRealm } from '../../../../src/keycloak/keycloak-realm.ts';
import type { Realm } from '../../../../src/keycloak/realm.ts';
import { realmAddress } from '../../../../src/keycloak/realm-address.ts';
import { adminToken } from '../../../e2e/support/admin-api.ts';
import type { Keycloak } from '../../../e2e/support/keycloak.ts';
import { importRealm, type Realm as RealmOfTest } from '../../../e2e/support/realm.ts';
import { type RealmProxy, startRealmProxy } from './realm-proxy.ts';

const withId = v.looseObject({ id: v.string() });

/** A realm of the real Keycloak, the sync's way to it, and what an administrator does to it. */
export interface SyncedRealm extends RealmOfTest {
  readonly proxy: RealmProxy;
  readonly clientSecret: string;
  /** The realm as the sync sees it, by the proxy, with a token of its own. */
  connect(change?: { readonly clientSecret?: string; readonly adminUrl?: string }): Realm;
  update(userId: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  remove(path: string, body?: unknown): Promise<void>;
  /** Gives roles of the realm-management client to the sync's service account, or takes them. */
  grant(...roles: readonly string[]): Promise<void>;
  revoke(...roles: readonly string[]): Promise<void>;
}

export async function startSyncedRealm(keycloak: Keycloak, name: string): Promise<SyncedRealm> {
  const realm = await importRealm(keycloak, name);
  const { admin, issuer } = realm;
  const proxy = await startRealmProxy(keycloak.origin);
  const client = await clientId('gatepass-sync');
  const { value: clientSecret } = v.parse(
    v.object({ value: v.string() }),
    await admin.get(`/clients/${client}/client-secret`),
  );

  async function clientId(of: string): Promise<string> {
    const [{ id }] = v.parse(v.tuple([withId]), await admin.get(`/clients?clientId=${of}`));
    return id;
  }

  async function remove(path: string, body?: unknown): Promise<void> {
    const headers = { authorization: `Bearer ${await adminToken(keycloak)}`, 'content-type': 'application/json' };
    const init = { method: 'DELETE', headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${keycloak.origin}/admin/realms/${name}${path}`, init);
    if (!response.ok) throw new Error(`DELETE ${path} answered ${response.status}: ${await response.text()}`);
  }

  async function mappings(roles: readonly string[]): Promise<{ path: string; body: readonly unknown[] }> {
    const { id } = v.parse(withId, await admin.get(`/clients/${client}/service-account-user`));
    const management = await clientId('realm-management');
    const body = await Promise.all(roles.map((role) => admin.get(`/clients/${management}/roles/${role}`)));
    return { path: `/users/${id}/role-mappings/clients/${management}`, body };
  }

  return {
    ...realm,
    proxy,
    clientSecret,
    connect(change = {}) {
      const address = realmAddress(issuer, change.adminUrl ?? proxy.origin);
      return createKeycloakRealm(address, { clientId: 'gatepass-sync', clientSecret, ...change }, Date.now);
    },
    async update(userId, change) {
      await admin.put(`/users/${userId}`, { ...v.parse(withId, await admin.get(`/users/${userId}`)), ...change });
    },
    remove,
    async grant(...roles) {
      const { path, body } = await mappings(roles);
      await admin.post(path, body);
    },
    async revoke(...roles) {
      const { path, body } = await mappings(roles);
      await remove(path, body);
    },
  };
}
