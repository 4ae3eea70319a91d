import * as v from 'valibot';
import { parseAnswer } from './answers.ts';
import { statusOf } from './realm-problem.ts';
import type { RealmRequests } from './realm-requests.ts';
import { SyncError } from './sync-error.ts';

export const roleSchema = v.object({
  id: v.string(),
  name: v.string(),
  composite: v.optional(v.boolean(), false),
  clientRole: v.optional(v.boolean(), false),
});

/** A role of the realm or of a client. */
export type Role = v.InferOutput<typeof roleSchema>;

/**
 * What each composite realm role brings along: realm roles by name, itself too, however far around, the default roles
 * among them.
 */
export async function readComposites(
  requests: RealmRequests,
  roles: readonly Role[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const parts = new Map<string, readonly Role[]>();
  const brings = new Map<string, ReadonlySet<string>>();
  for (const role of roles.filter(({ composite }) => composite)) {
    const seen = new Map([[role.id, role]]);
    // A map gives what is put in while it is walked, too.
    for (const one of seen.values()) {
      const partsOfOne = parts.get(one.id) ?? (one.composite ? await readParts(requests, one) : []);
      parts.set(one.id, partsOfOne);
      for (const part of partsOfOne) seen.set(part.id, part);
    }
    brings.set(role.name, new Set([...seen.values()].filter(({ clientRole }) => !clientRole).map(({ name }) => name)));
  }
  return brings;
}

/** Those of a client's role can only be seen with view-clients: without, it brings nothing that we know of. */
async function readParts({ ask }: RealmRequests, { id, name, clientRole }: Role): Promise<readonly Role[]> {
  const what = `what the role ${name} is made of`;
  try {
    const answer = await ask(what, ({ roles }) => roles.getCompositeRoles({ id }), 'view-realm');
    return parseAnswer(v.array(roleSchema), answer, what);
  } catch (error) {
    if (clientRole && error instanceof SyncError && statusOf(error.cause) === 403) return [];
    throw error;
  }
}
