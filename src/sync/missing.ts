import { createAccount, type NewAccount } from '../accounts/accounts.ts';
import { AdminError } from '../accounts/admin-error.ts';
import type { Clock } from '../decision.ts';
import type { Realm, RealmUser } from '../keycloak/realm.ts';
import { readAccount } from '../table/accounts.ts';
import type { Table } from '../table/table.ts';
import { LOOK_UPS } from './look-up.ts';
import type { SyncChange } from './pass.ts';
import { storable, storableRoles } from './plan.ts';
import { forEachOf } from './pool.ts';

/** The accounts to be made for the realm's enabled users who have none, not even a deleted one. */
export async function planMissing(
  realm: Realm,
  table: Table,
  existing: ReadonlySet<string>,
): Promise<readonly NewAccount[]> {
  const missing: NewAccount[] = [];
  await forEachOf(usersWithout(realm, existing), LOOK_UPS, async ({ id, email, firstName, lastName }) => {
    // Of a deleted user there is a tombstone, which says nothing but that.
    if ((await readAccount(table, id)) !== undefined) return;
    const roles = await realm.rolesOf(id);
    if (roles === 'gone') return;
    const profile = { email: storable(email), firstName: storable(firstName), lastName: storable(lastName) };
    missing.push({ userId: id, ...profile, roles: storableRoles(roles) });
  });
  return missing;
}

async function* usersWithout(realm: Realm, existing: ReadonlySet<string>): AsyncGenerator<RealmUser> {
  for await (const user of realm.users()) if (user.enabled && !existing.has(user.id)) yield user;
}

/** Somebody has made the account meanwhile, or has deleted or moved the user for good. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['user_exists', 'user_deleted', 'user_moved']);

/** Creates planned accounts. One that somebody else has made meanwhile is left as it is. */
export async function createMissing(table: Table, accounts: readonly NewAccount[], now: Clock): Promise<SyncChange[]> {
  const changes: SyncChange[] = [];
  await forEachOf(accounts, LOOK_UPS, async (account) => {
    try {
      await createAccount({ table, now }, account);
      changes.push(creationOf(account));
    } catch (error) {
      if (!(error instanceof AdminError && LEFT_ALONE.has(error.code))) throw error;
    }
  });
  return changes;
}

export function creationOf({ userId }: NewAccount): SyncChange {
  return { userId, action: 'create', differs: [] };
}
