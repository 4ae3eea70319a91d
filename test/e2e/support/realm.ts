import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { type AdminApi, connectAdmin } from './admin-api.ts';
import type { Keycloak } from './keycloak.ts';
import { requestToken } from './token-endpoint.ts';

/** A user of a realm, with a password that was made for this run. */
export interface RealmUser {
  /** Their `sub`. */
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

interface NewRealmUser {
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Realm roles, beside those that every user has. */
  readonly roles?: readonly string[];
}

/** A realm made of `infra/keycloak/realm.json`. */
export interface Realm {
  readonly issuer: string;
  readonly admin: AdminApi;
  createUser(user: NewRealmUser): Promise<RealmUser>;
  /** Logs a user in at a client, by the password grant (RFC 6749, section 4.3). */
  logIn(clientId: string, user: RealmUser, scope?: string): Promise<Tokens>;
  /** What Keycloak made at the import. */
  secretOf(clientId: string): Promise<string>;
  /** Gets the access token of a client's service account (RFC 6749, section 4.4). */
  serviceToken(clientId: string): Promise<string>;
}

const tokensSchema = v.object({ access_token: v.string(), id_token: v.string(), refresh_token: v.string() });

export type Tokens = v.InferOutput<typeof tokensSchema>;

const REALM_FILE = new URL('../../../infra/keycloak/realm.json', import.meta.url);

/** Beside the file's clients: its lightweight access tokens have no sub. */
const LIGHTWEIGHT_CLIENT = {
  clientId: 'demo-lightweight',
  publicClient: true,
  directAccessGrantsEnabled: true,
  attributes: { 'client.use.lightweight.access.token.enabled': 'true' },
};

const realmFile = v.looseObject({
  realm: v.string(),
  clients: v.array(v.looseObject({ clientId: v.string() })),
});

/**
 * Imports the realm file as an administrator does in the console, and has its web client take passwords, which the file
 * allows to none: the tests have no browser to log in with.
 *
 * @param name imports it under another name, for tests that change the realm; without one it goes in as it stands.
 */
export async function importRealm(keycloak: Keycloak, name?: string): Promise<Realm> {
  const document = v.parse(realmFile, JSON.parse(await readFile(REALM_FILE, 'utf8')));
  const realm = name ?? document.realm;
  const clients = document.clients.map((client) =>
    client.clientId === 'demo-web' ? { ...client, directAccessGrantsEnabled: true } : client,
  );
  await connectAdmin(keycloak, '').post('', { ...document, realm, clients: [...clients, LIGHTWEIGHT_CLIENT] });

  const admin = connectAdmin(keycloak, realm);
  const issuer = `${keycloak.origin}/realms/${realm}`;
  return {
    issuer,
    admin,
    createUser: (user) => createUser(admin, user),
    logIn: async (clientId, { username, password }, scope = 'openid') =>
      v.parse(
        tokensSchema,
        await requestToken(issuer, {
          grant_type: 'password',
          client_id: clientId,
          username,
          password,
          scope,
        }),
      ),
    secretOf: (clientId) => readSecret(admin, clientId),
    serviceToken: async (clientId) => {
      const tokens = await requestToken(issuer, {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: await readSecret(admin, clientId),
      });
      return v.parse(v.object({ access_token: v.string() }), tokens).access_token;
    },
  };
}

async function createUser(admin: AdminApi, { roles = [], ...user }: NewRealmUser): Promise<RealmUser> {
  const password = randomBytes(16).toString('hex');
  const credentials = [{ type: 'password', value: password, temporary: false }];
  const id = await admin.post('/users', { ...user, enabled: true, emailVerified: true, credentials });
  const granted = await Promise.all(roles.map((role) => admin.get(`/roles/${role}`)));
  await admin.post(`/users/${id}/role-mappings/realm`, granted);
  return { id, username: user.username, password };
}

/** Keycloak made it at the import: the file holds none. */
async function readSecret(admin: AdminApi, clientId: string): Promise<string> {
  const clients = await admin.get(`/clients?clientId=${clientId}`);
  const [{ id }] = v.parse(v.tuple([v.object({ id: v.string() })]), clients);
  const secret = await admin.get(`/clients/${id}/client-secret`);
  return v.parse(v.object({ value: v.string() }), secret).value;
}
