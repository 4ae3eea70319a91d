import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ServedUser {
  readonly id: string;
  readonly enabled: boolean;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  notBefore?: number;
  /** The ids of their offline sessions, all of them at one client. */
  offlineSessions?: string[] | undefined;
}

export interface ServedRole {
  readonly name: string;
  /** The ids of those who have it by themselves. */
  readonly users?: readonly string[];
  /** The ids of groups that have it. */
  readonly groups?: readonly string[];
  /** The names of the roles that it brings along. */
  readonly composites?: readonly string[];
  /** A role of a client, which no list of realm roles has. */
  readonly clientRole?: boolean;
}

export interface ServedGroup {
  readonly id: string;
  readonly parent?: string;
  readonly members?: readonly string[];
}

/** A realm of the tests' own, of any size, which answers as Keycloak's Admin API does. */
export interface ServedRealm {
  readonly issuer: string;
  /** Sorted by the test as the realm is to list them. */
  users: readonly ServedUser[];
  roles: readonly ServedRole[];
  groups: readonly ServedGroup[];
  clients: readonly { readonly clientId: string; readonly [name: string]: unknown }[];
  /** What its settings are beside what every realm has. */
  settings: object;
  /** The roles of realm-management that the service account has. */
  rights: readonly string[];
  clientSecret: string;
  /** What its own clock says, in epoch seconds. */
  seconds: number;
  /** What it publishes as its key set. */
  keySet: unknown;
  /** `GET /users?first=0` and so on, from the realm's own path on. */
  readonly asked: string[];
  stop(): Promise<void>;
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const NOT_FOUND: Answer = { status: 404, body: { error: 'HTTP 404 Not Found' } };
const GONE: Answer = { status: 404, body: { error: 'User not found' } };
const FORBIDDEN: Answer = { status: 403, body: { error: 'HTTP 403 Forbidden' } };

export async function startServedRealm(clientSecret = 'a-secret'): Promise<ServedRealm> {
  const server = createServer(async (request, response) => {
    const { status = 200, body } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? '' : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's is never a string

  const realm: ServedRealm = {
    issuer: `http://127.0.0.1:${port}/realms/main`,
    users: [],
    roles: [],
    groups: [],
    clients: [],
    settings: {},
    rights: ['view-users', 'view-realm'],
    clientSecret,
    seconds: 1_795_508_130,
    keySet: { keys: [] },
    asked: [],
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '', 'http://localhost');
    const path = url.pathname.replace(/^(\/admin)?\/realms\/main/, '').replace(/\/$/, '');
    realm.asked.push(`${request.method} ${path}${url.search}`);
    if (path.endsWith('/token')) return logIn(realm, request);
    if (path.endsWith('/certs')) return { body: realm.keySet };
    const [part = '', ...rest] = path.slice(1).split('/').map(decodeURIComponent);
    return PARTS[part]?.(realm, rest, url.searchParams) ?? NOT_FOUND;
  }

  return realm;
}

async function logIn(realm: ServedRealm, request: IncomingMessage): Promise<Answer> {
  for await (const _ of request);
  const [, pair = ''] = request.headers.authorization?.split(' ') ?? [];
  const secret = decodeURIComponent(Buffer.from(pair, 'base64').toString().split(':')[1] ?? '');
  if (secret !== realm.clientSecret) return { status: 401, body: { error: 'invalid_client' } };
  const claims = { iat: 0, exp: 300, resource_access: { 'realm-management': { roles: realm.rights } } };
  return { body: { access_token: `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln` } };
}

type Part = (realm: ServedRealm, path: readonly string[], query: URLSearchParams) => Answer | undefined;

const PARTS: Readonly<Record<string, Part>> = {
  /** Its settings: without view-realm Keycloak shows a few, and calls that a success. */
  '': ({ rights, settings }) => ({
    body: { realm: 'main', ...(rights.includes('view-realm') && { notBefore: 0, ...settings }) },
  }),
  /** By id it finds those that begin so, too. */
  clients({ rights, clients }, _, query) {
    if (!rights.includes('view-clients')) return FORBIDDEN;
    return { body: clients.filter(({ clientId }) => clientId.startsWith(query.get('clientId') ?? '')) };
  },
  users(realm, [id, what], query) {
    if (id === undefined)
      return {
        body: page(
          realm.users.filter((user) => isWanted(user, query)),
          query,
        ),
      };
    if (id === 'count') return { body: realm.users.length };
    const user = realm.users.find((one) => one.id === id);
    if (user === undefined) return GONE;
    const sessions = user.offlineSessions ?? [];
    if (what === 'consents') {
      const grant = { client: 'id-of-web', key: 'Offline Token' };
      return { body: [{ clientId: 'web', ...(sessions.length > 0 && { additionalGrants: [grant] }) }] };
    }
    if (what === 'offline-sessions') return { body: sessions.map((session) => ({ id: session })) };
    if (what === 'logout') {
      if (!realm.rights.includes('manage-users')) return FORBIDDEN;
      user.notBefore = realm.seconds;
      return { status: 204, body: '' };
    }
    return { body: what === undefined ? user : effectiveRoles(realm, id).map((name) => ({ name })) };
  },
  sessions(realm, [id = '']) {
    for (const user of realm.users) user.offlineSessions = user.offlineSessions?.filter((one) => one !== id);
    return { status: 204, body: '' };
  },
  roles(realm, [name, what], query) {
    if (!realm.rights.includes('view-realm')) return FORBIDDEN;
    if (name === undefined)
      return { body: page(realm.roles.filter(({ clientRole }) => !clientRole).map(toRole), query) };
    const role = realm.roles.find((one) => one.name === name);
    const ids = what === 'users' ? role?.users : what === 'groups' ? role?.groups : undefined;
    return {
      body: page(
        (ids ?? []).map((id) => ({ id })),
        query,
      ),
    };
  },
  'roles-by-id'(realm, [id]) {
    const role = realm.roles.find(({ name }) => `id of ${name}` === id);
    if (role === undefined) return NOT_FOUND;
    if (role.clientRole && !realm.rights.includes('view-clients')) return FORBIDDEN;
    return { body: realm.roles.filter(({ name }) => role.composites?.includes(name)).map(toRole) };
  },
  groups(realm, [id, what], query) {
    const children = realm.groups.filter(({ parent }) => parent === id);
    const members = realm.groups.find((group) => group.id === id)?.members ?? [];
    return { body: page(what === 'children' ? children : members.map((member) => ({ id: member })), query) };
  },
  events: () => FORBIDDEN,
};

function isWanted({ id, enabled }: ServedUser, query: URLSearchParams): boolean {
  const search = query.get('search');
  return (
    (query.get('enabled') === null || query.get('enabled') === String(enabled)) && (!search || search === `id:${id}`)
  );
}

function page<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const first = Number(query.get('first') ?? 0);
  return all.slice(first, first + Number(query.get('max') ?? 100));
}

function toRole({ name, composites, clientRole = false }: ServedRole): object {
  return { id: `id of ${name}`, name, composite: composites !== undefined, clientRole };
}

/** Worked out from the user's side, by the model alone: their groups, the groups above, then what roles bring along. */
function effectiveRoles({ roles, groups }: ServedRealm, userId: string): readonly string[] {
  const groupIds = new Set<string>();
  for (const group of groups.filter(({ members }) => members?.includes(userId))) {
    for (
      let one: ServedGroup | undefined = group;
      one !== undefined;
      one = groups.find(({ id }) => id === one?.parent)
    ) {
      groupIds.add(one.id);
    }
  }
  const has = new Set(
    roles.filter(({ users, groups: of }) => users?.includes(userId) || of?.some((id) => groupIds.has(id))),
  );
  for (const role of has) for (const part of roles) if (role.composites?.includes(part.name)) has.add(part);
  return [...has]
    .filter(({ clientRole }) => !clientRole)
    .map(({ name }) => name)
    .sort();
}
