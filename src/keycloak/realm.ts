import type { Profile } from '../profile.ts';

/** A user as the realm knows them. */
export interface RealmUser extends Omit<Profile, 'roles'> {
  /** Their `sub`, which is an account's `userId`. */
  readonly id: string;
  readonly enabled: boolean;
  /**
   * Up to when the realm takes the user's tokens for revoked, in epoch seconds; 0: it never did. Told of a user who is
   * looked up, and not in lists.
   */
  readonly notBefore?: number | undefined;
}

/** The same, with the realm roles that they have in effect: a token's `realm_access.roles`. */
export interface RealmUserWithRoles extends RealmUser {
  readonly roles: readonly string[];
}

/** A change that an administrator made, as far as it concerns users. */
export interface AdminEvent {
  readonly id: string;
  /** By the realm's clock, in epoch milliseconds. */
  readonly time: number;
  /** What was changed, as `users/<id>/role-mappings/realm`. */
  readonly path: string;
}

/** Whether the realm keeps admin events, and lets us read them. */
export type Events = 'kept' | 'off' | 'not_allowed';

/**
 * What the sync asks of a realm.
 *
 * Every question is answered in full or fails: what the realm couldn't tell is never taken for an answer.
 *
 * @throws SyncError from all of them.
 */
export interface Realm {
  /**
   * Gone is only a user of whom the realm itself says that it has none of this very id. Disabled is only a user whom
   * someone disabled: not one that too many wrong passwords have locked out for a while.
   */
  findUser(id: string): Promise<RealmUser | 'gone'>;
  /** The realm roles that a user has in effect, by groups and composite roles too. */
  rolesOf(id: string): Promise<readonly string[] | 'gone'>;
  /** All users, page by page, without service accounts. */
  users(): AsyncGenerator<RealmUser>;
  /**
   * All users with their roles, by lists, for a fraction of a request each.
   *
   * Who is missing isn't gone: service accounts are left out, users of a federation that imports none, and those whom
   * a page missed because others moved meanwhile. A role is missing that comes by nothing but a client's composite role.
   *
   * @param mostRequests what it may cost, as far as that can be told beforehand.
   * @returns `not_allowed` without the role view-realm; `too_long` where it would cost more.
   */
  lists(mostRequests: number): Promise<ReadonlyMap<string, RealmUserWithRoles> | 'not_allowed' | 'too_long'>;
  /**
   * The ids of all users who are disabled, page by page. A user whom a disabled organization or user federation makes
   * look disabled may be missing: looked up by id, they are disabled.
   */
  disabledUsers(): AsyncGenerator<string>;
  /** Up to when the realm takes all tokens for revoked, in epoch seconds; 0: it never did. Needs the role view-realm. */
  notBefore(): Promise<number | 'not_allowed'>;
  /** Whether the realm keeps admin events. */
  events(): Promise<Events>;
  /** The changes to users, roles and groups since a moment (epoch milliseconds, by the realm's clock), newest first. */
  adminEvents(since: number): AsyncGenerator<AdminEvent>;
  /** The ids of users whom an administrator has logged out since a moment (as above), by admin events, newest first. */
  loggedOut(since: number): AsyncGenerator<string>;
  /** The ids of users who deleted their own account, newest first, as far back as the realm keeps its users' events. */
  selfDeleted(): AsyncGenerator<string>;
  /** The document at the realm's `jwks_uri`. */
  keySet(): Promise<unknown>;
  /** Fails if the realm doesn't answer at all. */
  ping(): Promise<void>;
  /** How many requests have been sent to the realm so far, those for tokens and repeated ones too. */
  requests(): number;
}
