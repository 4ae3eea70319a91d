import type { Clock } from '../../../../src/decision.ts';
import type { AdminEvent, Events, Realm, RealmUser } from '../../../../src/keycloak/realm.ts';
import { SyncError } from '../../../../src/keycloak/sync-error.ts';

/** A realm whose users a test makes, changes and takes away. */
export interface FakeRealm extends Realm {
  readonly users$: Map<string, RealmUser & { readonly roles: readonly string[] }>;
  readonly events$: AdminEvent[];
  /** What it was asked, in order, as `user 42`. */
  readonly asked: string[];
  keeps: Events;
  /** The document that it publishes, or an error. */
  published: unknown;
  /** Fails from this question on. */
  dieAfter(count: number): void;
  /** Makes or changes a user, or takes one away, as an administrator who leaves an event. */
  put(id: string, change?: Partial<RealmUser> & { readonly roles?: readonly string[] }): void;
  remove(id: string): void;
}

/** @param now what its own clock says. */
export function createFakeRealm(now: Clock): FakeRealm {
  const users = new Map<string, RealmUser & { readonly roles: readonly string[] }>();
  const events: AdminEvent[] = [];
  const asked: string[] = [];
  let noted = 0;
  let left = Number.POSITIVE_INFINITY;

  function ask(what: string): void {
    asked.push(what);
    left--;
    if (left < 0) throw new SyncError('realm_unreachable', `no answer about ${what}`);
  }

  function note(path: string): void {
    events.unshift({ id: `event-${++noted}`, time: now(), path });
  }

  return {
    users$: users,
    events$: events,
    asked,
    keeps: 'off',
    published: undefined,
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
    async findUser(id) {
      ask(`user ${id}`);
      return users.get(id) ?? 'gone';
    },
    async rolesOf(id) {
      ask(`roles ${id}`);
      return users.get(id)?.roles ?? 'gone';
    },
    async *users() {
      ask('users');
      yield* users.values();
    },
    async *disabledUsers() {
      ask('disabled');
      for (const { id, enabled } of users.values()) if (!enabled) yield id;
    },
    async events() {
      ask('events config');
      return this.keeps;
    },
    async *adminEvents(since) {
      ask('events');
      yield* events.filter(({ time }) => time >= since);
    },
    async keySet() {
      ask('keys');
      if (this.published instanceof Error) throw this.published;
      return this.published;
    },
    requests: () => asked.length,
  };
}
