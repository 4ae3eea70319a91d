import * as v from 'valibot';
import { forEachOf } from '../pool.ts';
import { readPages } from './answers.ts';
import { type Role, readComposites, roleSchema } from './composites.ts';
import { type Group, type GroupRoles, groupSchema, withSubgroups } from './group-roles.ts';
import type { RealmRequests } from './realm-requests.ts';
import { createRoleSets } from './role-sets.ts';

const holderSchema = v.object({ id: v.string() });

/** How many roles or groups are asked for at a time. */
const CONCURRENCY = 4;

/** Shows roles and who has them. */
const ROLE = 'view-realm';

/** All realm roles. */
export async function listRoles({ ask }: RealmRequests): Promise<readonly Role[]> {
  const what = 'its roles';
  const roles: Role[] = [];
  const pages = readPages(roleSchema, what, (page) => ask(what, (client) => client.roles.find(page), ROLE));
  for await (const role of pages) roles.push(role);
  return roles;
}

/**
 * The realm roles that users have in effect: their own, those of their groups and of the groups above, and what these
 * bring along as composites.
 *
 * Asks for each role's users and groups instead of each user's roles. What a user has by nothing but a composite role
 * of a client is left out: only the user's own look-up shows it.
 *
 * @returns users with at least one role. Users with the same roles share an array.
 */
export async function readEffectiveRoles(
  requests: RealmRequests,
  roles: readonly Role[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sets = createRoleSets();
  const groups = new Map<string, Group>();
  const groupRoles: GroupRoles = new Map();
  await forEachOf(roles.filter(canBeAsked), CONCURRENCY, async ({ name }) => {
    for await (const { id } of listHolders(requests, 'users', name, holderSchema)) sets.give(id, name);
    for await (const group of listHolders(requests, 'groups', name, groupSchema)) {
      groups.set(group.id, group);
      groupRoles.set(group.id, (groupRoles.get(group.id) ?? new Set()).add(name));
    }
  });
  await forEachOf(await withSubgroups(requests, groups.values(), groupRoles), CONCURRENCY, async ([id, names]) => {
    for await (const member of listMembers(requests, id)) for (const name of names) sets.give(member.id, name);
  });
  const brings = await readComposites(requests, roles);
  return sets.map((own) => [...new Set(own.flatMap((name) => [name, ...(brings.get(name) ?? [])]))].sort());
}

/** A dot segment is taken out of a path, which would then list all users. */
function canBeAsked({ name }: Role): boolean {
  return name !== '.' && name !== '..';
}

function listHolders<Schema extends v.GenericSchema>(
  { ask }: RealmRequests,
  which: 'users' | 'groups',
  name: string,
  schema: Schema,
): AsyncGenerator<v.InferOutput<Schema>> {
  const what = `the ${which} with the role ${name}`;
  const path = `/{realm}/roles/{name}/${which}`;
  return readPages(schema, what, (page) =>
    ask(
      what,
      ({ realms, realmName: realm }) => {
        const request = realms.makeRequest<object, unknown>({ method: 'GET', path, urlParamKeys: ['realm', 'name'] });
        return request({ realm, name, ...page, briefRepresentation: true });
      },
      ROLE,
    ),
  );
}

function listMembers({ ask }: RealmRequests, id: string): AsyncGenerator<v.InferOutput<typeof holderSchema>> {
  const what = `the members of group ${id}`;
  return readPages(holderSchema, what, (page) =>
    ask(what, ({ groups }) => groups.listMembers({ id, ...page, briefRepresentation: true })),
  );
}
