import * as v from 'valibot';
import type { Keycloak } from './keycloak.ts';
import { requestToken } from './token-endpoint.ts';

/** Keycloak's admin REST API, at one realm. Paths begin at the realm. */
export interface AdminApi {
  get(path: string): Promise<unknown>;
  /** @returns the id of what it made, if it made something. */
  post(path: string, body: unknown): Promise<string>;
  put(path: string, body: unknown): Promise<void>;
}

/** @param realm the realm, or nothing for the list of all. */
export function connectAdmin(keycloak: Keycloak, realm: string): AdminApi {
  const base = `${keycloak.origin}/admin/realms${realm && `/${realm}`}`;

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${await adminToken(keycloak)}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    throw new Error(`${method} ${base}${path} answered ${response.status}: ${await response.text()}`);
  }

  return {
    get: async (path) => (await send('GET', path)).json(),
    post: async (path, body) => {
      const response = await send('POST', path, body);
      return response.headers.get('location')?.split('/').at(-1) ?? '';
    },
    put: async (path, body) => {
      await send('PUT', path, body);
    },
  };
}

/** A token of the master realm. Made anew each time: it lasts a minute and knows no realm younger than itself. */
export async function adminToken({ origin, adminUsername, adminPassword }: Keycloak): Promise<string> {
  const form = { grant_type: 'password', client_id: 'admin-cli', username: adminUsername, password: adminPassword };
  const answer = await requestToken(`${origin}/realms/master`, form);
  return v.parse(v.object({ access_token: v.string() }), answer).access_token;
}
