import type { Clock } from '../../../../src/decision.ts';
import type { AdminEvent, Events, Realm, RealmUser, RealmUserWithRoles } from '../../../../src/keycloak/realm.ts';
import { SyncError } from '../../../../src/keycloak/sync-error.ts';

/** A realm whose users a test makes, changes and takes away. */
export interface FakeRealm extends Realm {
  readonly users$: Map<string, RealmUserWithRoles>;
  readonly events$: AdminEvent[];
  /** Users who deleted their own account. */
  readonly selfDeleted$: string[];
  /** Whom an administrator has logged out, and when (epoch milliseconds). */
  readonly loggedOut$: Map<string, number>;
  /** Up to when all tokens are revoked, in epoch seconds, if that is shown. */
  notBefore$: number | 'not_allowed';
  /** Users whom no list has, as of a federation that imports none. */
  readonly unlisted: Set<string>;
  /** Users for whom it doesn't answer when they are looked up. */
  readonly unanswered: Set<string>;
  /** What it was asked, in order, as `user 42`. */
  readonly asked: string[];
  keeps: Events;
  /** What becomes of lists instead of being given. */
  noLists: 'not_allowed' | 'too_long' | undefined;
  /** The document that it publishes, or an error. */
  published: unknown;
  /** Fails from this question on. */
  dieAfter(count: number): void;
  /** Makes or changes a user, or takes one away, as an administrator who leaves an event. */
  put(id: string, change?: Partial<RealmUserWithRoles>): void;
  remove(id: string): void;
  /** What it does before it answers for a user. */
  beforeAnswer: (id: string) => Promise<unknown> | undefined;
}

/** @param now what its own clock says. */
export function createFakeRealm(now: Clock): FakeRealm {
  const users = new Map<string, RealmUserWithRoles>();
  const events: AdminEvent[] = [];
  const selfDeleted: string[] = [];
  const loggedOut = new Map<string, number>();
  const unlisted = new Set<string>();
  const unanswered = new Set<string>();
  const asked: string[] = [];
  let noted = 0;
  let left = Number.POSITIVE_INFINITY;

  function ask(what: string): void {
    asked.push(what);
    left--;
    if (left < 0) throw new SyncError('realm_unreachable', `no answer about ${what}`);
  }

  async function answer<T>(realm: FakeRealm, what: string, id: string, of: () => T): Promise<T> {
    ask(`${what} ${id}`);
    if (unanswered.has(id)) throw new SyncError('realm_unreachable', `no answer about ${what} ${id}`);
    await realm.beforeAnswer(id);
    return of();
  }

  function note(path: string): void {
    events.unshift({ id: `event-${++noted}`, time: now(), path });
  }

  const listed = (): RealmUser[] => [...users.values()].filter(({ id }) => !unlisted.has(id));

  return {
    users$: users,
    events$: events,
    selfDeleted$: selfDeleted,
    loggedOut$: loggedOut,
    notBefore$: 0,
    unlisted,
    unanswered,
    asked,
    keeps: 'off',
    noLists: undefined,
    published: undefined,
    beforeAnswer: () => undefined,
    dieAfter: (count) => {
      left = count;
    },
    put(id, change = {}) {
      const before = users.get(id) ?? { id, enabled: true, roles: [] };
      users.set(id, { ...before, ...change });
      note(`users/${id}`);
    },
    remove(id) {
      users.delete(id);
      note(`users/${id}`);
    },
    findUser(id) {
      return answer(this, 'user', id, () => users.get(id) ?? 'gone');
    },
    rolesOf(id) {
      return answer(this, 'roles', id, () => users.get(id)?.roles ?? 'gone');
    },
    async *users() {
      ask('users');
      yield* listed();
    },
    async lists(mostRequests) {
      ask('lists');
      if (this.noLists !== undefined) return this.noLists;
      if (mostRequests < 1) return 'too_long';
      return new Map([...users].filter(([id]) => !unlisted.has(id)));
    },
    async *disabledUsers() {
      ask('disabled');
      for (const { id, enabled } of listed()) if (!enabled) yield id;
    },
    async notBefore() {
      ask('settings');
      return this.notBefore$;
    },
    async events() {
      ask('events config');
      return this.keeps;
    },
    async *adminEvents(since) {
      ask('events');
      yield* events.filter(({ time }) => time >= since);
    },
    async *loggedOut(since) {
      ask('logged out');
      for (const [id, time] of loggedOut) if (time >= since) yield id;
    },
    async *selfDeleted() {
      ask('self-deleted');
      if (this.keeps === 'not_allowed') throw new SyncError('realm_role', 'give it view-events');
      yield* selfDeleted;
    },
    async keySet() {
      ask('keys');
      if (this.published instanceof Error) throw this.published;
      return this.published;
    },
    async ping() {
      ask('ping');
    },
    requests: () => asked.length,
  };
}
