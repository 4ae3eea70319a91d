import type { Realm } from '../keycloak/realm.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { type Plan, planChanges, type RealmView } from './plan.ts';
import { forEachOf } from './pool.ts';

/** An account as it was when its changes were planned. */
export interface Planned {
  readonly account: AccountRecord;
  readonly plan: Plan;
}

/** How many users are asked for at a time. */
export const LOOK_UPS = 8;

/**
 * Looks each account's user up in the realm and plans what is to change; deleted accounts are passed over.
 *
 * @param items accounts, or what `load` makes them of; it gives nothing for a user without one.
 * @returns the accounts that differ, by user id.
 * @throws SyncError if the realm doesn't answer for one of them: then nothing is known to be right.
 */
export async function planAccounts<T>(
  realm: Realm,
  items: AsyncIterable<T> | Iterable<T>,
  load: (item: T) => Promise<AccountRecord | undefined> | AccountRecord,
  onLookedUp: () => void,
): Promise<readonly Planned[]> {
  const plans: Planned[] = [];
  await forEachOf(items, LOOK_UPS, async (item) => {
    const account = await load(item);
    if (account === undefined || account.deleted === true) return;
    const plan = planChanges(account, await viewOf(realm, account.userId));
    if (plan !== undefined) plans.push({ account, plan });
    onLookedUp();
  });
  return plans.sort((a, b) => (a.account.userId < b.account.userId ? -1 : 1));
}

async function viewOf(realm: Realm, userId: string): Promise<RealmView> {
  const user = await realm.findUser(userId);
  if (user === 'gone') return 'gone';
  const roles = await realm.rolesOf(userId);
  return roles === 'gone' ? 'gone' : { ...user, roles };
}
