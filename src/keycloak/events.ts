import type KeycloakAdminClient from '@keycloak/keycloak-admin-client';
import * as v from 'valibot';
import { readPages } from './answers.ts';
import type { AdminEvent, Events } from './realm.ts';
import { statusOf } from './realm-problem.ts';
import type { RealmRequests } from './realm-requests.ts';
import { SyncError } from './sync-error.ts';

const ROLE = 'view-events';

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

const adminEventSchema = v.object({
  id: v.optional(v.string()), // since Keycloak 26
  time: v.number(),
  operationType: v.optional(v.string()),
  resourcePath: v.string(),
});
const userEventSchema = v.object({ userId: v.optional(v.string()) });

/** Whether admin events are kept. */
export async function readEventsConfig({ ask }: RealmRequests, realm: string): Promise<Events> {
  try {
    const config = await ask('its events', (client) => client.realms.getConfigEvents({ realm }), ROLE);
    return config.adminEventsEnabled === true ? 'kept' : 'off';
  } catch (error) {
    if (error instanceof SyncError && statusOf(error.cause) === 403) return 'not_allowed';
    throw error;
  }
}

export async function* listAdminEvents(
  requests: RealmRequests,
  realm: string,
  since: number,
): AsyncGenerator<AdminEvent> {
  const query = { dateFrom: since, resourceTypes: RESOURCE_TYPES };
  const events = listEvents(
    requests,
    adminEventSchema,
    'its admin events',
    `/${encodeURIComponent(realm)}/admin-events`,
    query,
  );
  for await (const { id, time, operationType, resourcePath: path } of events) {
    yield { id: id ?? `${time} ${operationType} ${path}`, time, path };
  }
}

/** Keycloak takes `*` for any text within a path. */
export async function* listLoggedOut(requests: RealmRequests, realm: string, since: number): AsyncGenerator<string> {
  const query = {
    dateFrom: since,
    operationTypes: ['ACTION'],
    resourceTypes: ['USER'],
    resourcePath: 'users/*/logout',
  };
  const path = `/${encodeURIComponent(realm)}/admin-events`;
  for await (const event of listEvents(requests, adminEventSchema, 'its admin events', path, query)) {
    const [, userId] = /^users\/([^/]+)\/logout$/.exec(event.resourcePath) ?? [];
    if (userId !== undefined) yield userId;
  }
}

export async function* listSelfDeleted(requests: RealmRequests, realm: string): AsyncGenerator<string> {
  const query = { type: 'DELETE_ACCOUNT' };
  const events = listEvents(
    requests,
    userEventSchema,
    "its users' events",
    `/${encodeURIComponent(realm)}/events`,
    query,
  );
  for await (const { userId } of events) if (userId !== undefined) yield userId;
}

/** The client's own functions for it write dates as no Keycloak reads them, and don't know all types. */
function listEvents<Schema extends v.GenericSchema>(
  { ask }: RealmRequests,
  schema: Schema,
  what: string,
  path: string,
  query: object,
): AsyncGenerator<v.InferOutput<Schema>> {
  const request = ({ realms }: KeycloakAdminClient, page: object) =>
    realms.makeRequest<object, unknown>({ method: 'GET', path })({ ...query, ...page });
  return readPages(schema, what, (page) => ask(what, (client) => request(client, page), ROLE));
}
