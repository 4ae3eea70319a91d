import type KeycloakAdminClient from '@keycloak/keycloak-admin-client';
import { fetchWithError } from '@keycloak/keycloak-admin-client';
import * as v from 'valibot';
import type { Clock } from '../decision.ts';
import type { AdminEvent, Realm, RealmUser } from './realm.ts';
import type { RealmAddress } from './realm-address.ts';
import { saidIn, statusOf } from './realm-problem.ts';
import { createRealmRequests, type RealmRequests } from './realm-requests.ts';
import { REQUEST_MS, realmUrl, type ServiceAccount } from './request-token.ts';
import { SyncError } from './sync-error.ts';

const PAGE = 500;

/** What an event has to be about, since all else changes neither a user nor a user's roles. */
const RESOURCE_TYPES = [
  'USER',
  'GROUP',
  'GROUP_MEMBERSHIP',
  'REALM_ROLE',
  'REALM_ROLE_MAPPING',
  'CLIENT_ROLE',
  'CLIENT_ROLE_MAPPING',
];

const text = v.optional(v.nullable(v.string()));
const userSchema = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  enabled: v.boolean(),
  ...{ email: text, firstName: text, lastName: text },
  serviceAccountClientId: text,
});
const eventSchema = v.object({
  id: v.optional(v.string()), // since Keycloak 26
  time: v.number(),
  operationType: v.optional(v.string()),
  resourcePath: v.string(),
});

/** A realm by Keycloak's Admin REST API, asked by a service account with the role view-users (and view-events). */
export function createKeycloakRealm(address: RealmAddress, account: ServiceAccount, now: Clock = Date.now): Realm {
  const requests = createRealmRequests(address, account, now);
  return {
    findUser: (id) => findUser(requests, id),
    rolesOf: (id) => rolesOf(requests, id),
    users: () => listUsers(requests, {}),
    async *disabledUsers() {
      for await (const { id } of listUsers(requests, { enabled: false })) yield id;
    },
    async events() {
      const realm = address.realmName;
      const config = await orRefused(
        requests.ask('its events', (client) => client.realms.getConfigEvents({ realm }), 'view-events'),
        403,
      );
      if (config === undefined) return 'not_allowed';
      return config.adminEventsEnabled === true ? 'kept' : 'off';
    },
    adminEvents: (since) => listEvents(requests, address.realmName, since),
    keySet: () => requests.ask('its keys', () => fetchKeySet(address)),
    requests: requests.count,
  };
}

async function findUser({ ask }: RealmRequests, id: string): Promise<RealmUser | 'gone'> {
  const found = await orGone(ask(`user ${id}`, (client) => client.users.findOne({ id })));
  if (found === 'gone') return found;
  const user = parse(userSchema, found, `user ${id}`);
  if (user.id !== id) throw new SyncError('realm_answer', `The realm answered with another user than ${id}.`);
  if (user.enabled) return toUser(user);
  // By id, and only so, older versions of Keycloak call a user disabled whom too many wrong passwords have locked out
  // for some minutes: anybody could have a user's keys refused by that.
  const matches = await ask(`user ${id}`, (client) => client.users.find({ search: `id:${id}` }));
  const match = parse(v.array(userSchema), matches, `user ${id}`).find((one) => one.id === id);
  return toUser(match ?? user);
}

async function rolesOf({ ask }: RealmRequests, id: string): Promise<readonly string[] | 'gone'> {
  const what = `the roles of user ${id}`;
  const found = await orGone(ask(what, (client) => client.users.listCompositeRealmRoleMappings({ id })));
  return found === 'gone' ? found : parse(v.array(v.object({ name: v.string() })), found, what).map(({ name }) => name);
}

async function* listUsers({ ask }: RealmRequests, filter: { enabled?: false }): AsyncGenerator<RealmUser> {
  for (let first = 0; ; first += PAGE) {
    const query = { ...filter, first, max: PAGE, briefRepresentation: true };
    const page = parse(v.array(userSchema), await ask('its users', (client) => client.users.find(query)), 'its users');
    for (const user of page) if (!user.serviceAccountClientId) yield toUser(user);
    if (page.length < PAGE) return;
  }
}

async function* listEvents({ ask }: RealmRequests, realm: string, since: number): AsyncGenerator<AdminEvent> {
  for (let first = 0; ; first += PAGE) {
    // The client's own findAdminEvents writes dates as no Keycloak reads them.
    const query = { realm, dateFrom: since, resourceTypes: RESOURCE_TYPES, first, max: PAGE };
    const request = ({ realms }: KeycloakAdminClient) =>
      realms.makeRequest<typeof query, unknown>({
        method: 'GET',
        path: '/{realm}/admin-events',
        urlParamKeys: ['realm'],
      })(query);
    const answer = await ask('its admin events', request, 'view-events');
    const page = parse(v.array(eventSchema), answer, 'its admin events');
    for (const { id, time, operationType, resourcePath: path } of page) {
      yield { id: id ?? `${time} ${operationType} ${path}`, time, path };
    }
    if (page.length < PAGE) return;
  }
}

/** As much as the authorizer takes, and less than an item holds. */
const MAX_KEY_SET_LENGTH = 256 * 1024;

async function fetchKeySet(address: RealmAddress): Promise<unknown> {
  const uri = `${realmUrl(address)}/protocol/openid-connect/certs`;
  const response = await fetchWithError(uri, { redirect: 'error', signal: AbortSignal.timeout(REQUEST_MS) });
  const body = await response.text();
  if (body.length <= MAX_KEY_SET_LENGTH) return JSON.parse(body);
  throw new Error(`${uri} answered with ${body.length} characters`);
}

/** A user is gone if the realm says so itself: a proxy's 404, or one about the realm, is no such word. */
async function orGone<T>(answer: Promise<T>): Promise<T | 'gone'> {
  return answer.catch((error: unknown) => {
    const cause = error instanceof SyncError ? error.cause : undefined;
    if (statusOf(cause) === 404 && saidIn(cause) === 'User not found') return 'gone';
    throw error;
  });
}

async function orRefused<T>(answer: Promise<T>, status: number): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof SyncError && statusOf(error.cause) === status) return undefined;
    throw error;
  });
}

function toUser({ id, enabled, email, firstName, lastName }: v.InferOutput<typeof userSchema>): RealmUser {
  return {
    id,
    enabled,
    email: email ?? undefined,
    firstName: firstName ?? undefined,
    lastName: lastName ?? undefined,
  };
}

function parse<Schema extends v.GenericSchema>(schema: Schema, answer: unknown, what: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue) ?? 'the whole of it';
  throw new SyncError('realm_answer', `The realm's answer to the request for ${what} can't be read: see ${at}.`);
}
