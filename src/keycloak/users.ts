import * as v from 'valibot';
import { parseAnswer, readPages } from './answers.ts';
import type { RealmUser } from './realm.ts';
import { saidIn, statusOf } from './realm-problem.ts';
import type { RealmRequests } from './realm-requests.ts';
import { SyncError } from './sync-error.ts';

const text = v.optional(v.nullable(v.string()));
const userSchema = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  enabled: v.boolean(),
  ...{ email: text, firstName: text, lastName: text },
  serviceAccountClientId: text,
  /** Epoch seconds. Not in brief representations, which lists are. */
  notBefore: v.optional(v.number()),
});

/**
 * Ids that name another resource in the path of a user, or none: a dot segment is taken out of a URL however it is
 * encoded (WHATWG URL, section 4.4), and Keycloak 26.7 refuses letters that are needlessly percent-encoded.
 */
const NO_PATH = /^(\.{1,2}|count|profile)$/;

export async function findUser(requests: RealmRequests, id: string): Promise<RealmUser | 'gone'> {
  if (NO_PATH.test(id)) return searchUser(requests, id);
  const found = await orGone(requests.ask(`user ${id}`, (client) => client.users.findOne({ id })));
  if (found === 'gone') return found;
  const user = parseAnswer(userSchema, found, `user ${id}`);
  if (user.id !== id) throw new SyncError('realm_answer', `The realm answered with another user than ${id}.`);
  if (user.enabled) return toUser(user);
  // By id, and only so, older versions of Keycloak call a user disabled whom too many wrong passwords have locked out
  // for some minutes: anybody could have a user's keys refused by that.
  const match = await searchUser(requests, id);
  return match === 'gone' ? toUser(user) : match;
}

/** By a search that Keycloak takes for one by id. */
async function searchUser({ ask }: RealmRequests, id: string): Promise<RealmUser | 'gone'> {
  const matches = await ask(`user ${id}`, (client) => client.users.find({ search: `id:${id}` }));
  const match = parseAnswer(v.array(userSchema), matches, `user ${id}`).find((user) => user.id === id);
  return match ? toUser(match) : 'gone';
}

export async function rolesOf({ ask }: RealmRequests, id: string): Promise<readonly string[] | 'gone'> {
  const what = `the roles of user ${id}`;
  if (NO_PATH.test(id))
    throw new SyncError('realm_answer', `Keycloak can't be asked for ${what}: it is no id for a path.`);
  const found = await orGone(ask(what, (client) => client.users.listCompositeRealmRoleMappings({ id })));
  if (found === 'gone') return found;
  return parseAnswer(v.array(v.object({ name: v.string() })), found, what).map(({ name }) => name);
}

/** Users without service accounts. */
export async function* listUsers({ ask }: RealmRequests, filter: { enabled?: false } = {}): AsyncGenerator<RealmUser> {
  const users = readPages(userSchema, 'its users', (page) =>
    ask('its users', (client) => client.users.find({ ...filter, ...page, briefRepresentation: true })),
  );
  for await (const user of users) if (!user.serviceAccountClientId) yield toUser(user);
}

export async function countUsers({ ask }: RealmRequests): Promise<number> {
  const what = 'how many users it has';
  return parseAnswer(v.number(), await ask(what, (client) => client.users.count()), what);
}

/** A user is gone if the realm says so itself: a proxy's 404, or one about the realm, is no such word. */
export async function orGone<T>(answer: Promise<T>): Promise<T | 'gone'> {
  return answer.catch((error: unknown) => {
    const cause = error instanceof SyncError ? error.cause : undefined;
    if (statusOf(cause) === 404 && saidIn(cause) === 'User not found') return 'gone';
    throw error;
  });
}

function toUser({ id, enabled, notBefore, email, firstName, lastName }: v.InferOutput<typeof userSchema>): RealmUser {
  return {
    id,
    enabled,
    notBefore,
    email: email ?? undefined,
    firstName: firstName ?? undefined,
    lastName: lastName ?? undefined,
  };
}
