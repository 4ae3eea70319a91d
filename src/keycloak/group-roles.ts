import * as v from 'valibot';
import { readPages } from './answers.ts';
import type { RealmRequests } from './realm-requests.ts';

export const groupSchema = v.object({
  id: v.string(),
  /** Not told in all lists. */
  subGroupCount: v.optional(v.number()),
});

export type Group = v.InferOutput<typeof groupSchema>;

/** Roles by the id of a group. */
export type GroupRoles = Map<string, Set<string>>;

/**
 * Adds the groups below those that have roles, however deep: they inherit them.
 *
 * @param roles those of each group's own.
 */
export async function withSubgroups(
  requests: RealmRequests,
  groups: Iterable<Group>,
  roles: GroupRoles,
): Promise<GroupRoles> {
  const children = new Map<string, Promise<readonly Group[]>>();
  const childrenOf = (group: Group): Promise<readonly Group[]> => {
    const known = children.get(group.id) ?? listChildren(requests, group);
    children.set(group.id, known);
    return known;
  };
  const all: GroupRoles = new Map();
  for (const group of groups) {
    const below = new Map([[group.id, group]]);
    // A map gives what is put in while it is walked, too.
    for (const one of below.values()) {
      const has = all.get(one.id) ?? new Set();
      for (const role of roles.get(group.id) ?? []) has.add(role);
      all.set(one.id, has);
      for (const child of await childrenOf(one)) below.set(child.id, child);
    }
  }
  return all;
}

async function listChildren({ ask }: RealmRequests, { id, subGroupCount }: Group): Promise<readonly Group[]> {
  const children: Group[] = [];
  if (subGroupCount === 0) return children;
  const what = `the groups below ${id}`;
  const pages = readPages(groupSchema, what, (page) =>
    ask(what, ({ groups }) => groups.listSubGroups({ parentId: id, ...page, briefRepresentation: true })),
  );
  for await (const child of pages) children.push(child);
  return children;
}
