import { forEachOf } from '../pool.ts';
import { PAGE } from './answers.ts';
import type { Role } from './composites.ts';
import { listRoles, readEffectiveRoles } from './effective-roles.ts';
import type { Realm, RealmUser, RealmUserWithRoles } from './realm.ts';
import type { RealmRequests } from './realm-requests.ts';
import { SyncError } from './sync-error.ts';
import { countUsers, listUsers } from './users.ts';

export async function readLists(requests: RealmRequests, mostRequests: number): ReturnType<Realm['lists']> {
  const pages = Math.ceil((await countUsers(requests)) / PAGE);
  if (pages > mostRequests) return 'too_long';
  const roles = await listRoles(requests).catch((error: unknown) => {
    if (error instanceof SyncError && error.code === 'realm_role') return undefined;
    throw error;
  });
  if (roles === undefined) return 'not_allowed';
  if (leastRequests(pages, roles) > mostRequests) return 'too_long';

  const users: RealmUser[] = [];
  let rolesOf: ReadonlyMap<string, readonly string[]> = new Map();
  const readUsers = async () => {
    for await (const user of listUsers(requests)) users.push(user);
  };
  const readRoles = async () => {
    rolesOf = await readEffectiveRoles(requests, roles);
  };
  await forEachOf([readUsers, readRoles], 2, (read) => read());
  return new Map(
    users.map((user): [string, RealmUserWithRoles] => [user.id, { ...user, roles: rolesOf.get(user.id) ?? [] }]),
  );
}

/** Each user is listed once, and once more for the default roles; each role is asked for its users and its groups. */
function leastRequests(pages: number, roles: readonly Role[]): number {
  return 2 * pages + 2 * roles.length + roles.filter(({ composite }) => composite).length;
}
