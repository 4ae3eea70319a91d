import type { Realm, RealmUser, RealmUserWithRoles } from '../keycloak/realm.ts';
import { SyncError, type SyncErrorCode } from '../keycloak/sync-error.ts';
import { toSeconds } from '../seconds.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { planChanges, type RealmView } from './plan.ts';

/** How many users are asked for at a time. */
export const LOOK_UPS = 8;

/** Errors that may be about one user alone. All others are about the realm as a whole, and end the pass. */
const ABOUT_ONE: readonly SyncErrorCode[] = ['realm_unreachable', 'realm_answer'];

/** After so many users running for whom the realm doesn't answer, it is asked whether it answers at all. */
const FAILURES_RUNNING = 10;

export interface LookUps {
  /**
   * The realm's own word on a user.
   *
   * @returns an error if it doesn't answer for this user.
   * @throws SyncError if it doesn't answer at all.
   */
  ask(userId: string): Promise<RealmView | SyncError>;
}

/** @param note is told of each user who is looked up. */
export function createLookUps(realm: Realm, note: (user: RealmUser) => Promise<void>): LookUps {
  let running = 0;
  return {
    async ask(userId) {
      try {
        const view = await viewOf(userId);
        running = 0;
        return view;
      } catch (error) {
        if (!(error instanceof SyncError) || !ABOUT_ONE.includes(error.code)) throw error;
        running++;
        if (running % FAILURES_RUNNING === 0) await realm.ping();
        return error;
      }
    },
  };

  async function viewOf(userId: string): Promise<RealmView> {
    const user = await realm.findUser(userId);
    if (user === 'gone') return 'gone';
    await note(user);
    const roles = await realm.rolesOf(userId);
    return roles === 'gone' ? 'gone' : { ...user, roles };
  }
}

/** The realm's users by lists, as they were at a moment or shortly after. */
export interface Lists {
  readonly users: ReadonlyMap<string, RealmUserWithRoles>;
  /** Epoch milliseconds. */
  readonly readAt: number;
}

/**
 * What the lists say of an account's user, where that will do.
 *
 * They will do where nothing is to be changed, and for names, email and roles that are added. Who gains or loses access
 * is looked up: lists are minutes old when they are compared, may leave a user out and don't know every way to a role.
 * So is whose account was changed since, perhaps by a quick pass that knew better.
 */
export function listedView(lists: Lists, account: AccountRecord): RealmView | undefined {
  const user = lists.users.get(account.userId);
  if (user === undefined) return undefined;
  if (account.updatedAt !== undefined && account.updatedAt >= toSeconds(lists.readAt)) return undefined;
  const plan = planChanges(account, user, 0, 0);
  if (plan === undefined) return user;
  const losesRole = account.roles?.some((role) => !plan.changes.roles?.includes(role)) && 'roles' in plan.changes;
  return plan.action === 'update' && !losesRole ? user : undefined;
}
