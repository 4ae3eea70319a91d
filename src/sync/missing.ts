import { createAccount, type NewAccount } from '../accounts/accounts.ts';
import { AdminError } from '../accounts/admin-error.ts';
import { isUserId } from '../accounts/input.ts';
import type { Realm, RealmUser } from '../keycloak/realm.ts';
import { forEachOf } from '../pool.ts';
import { accountAt } from '../table/items.ts';
import type { Findings } from './compare.ts';
import { LOOK_UPS } from './look-up.ts';
import type { Parts, PassOptions, SyncChange } from './pass.ts';
import { storableProfile } from './plan.ts';

/**
 * Creates accounts for the realm's enabled users who have none, not even a deleted one. Those of a user storage of its
 * own may have ids that no account can have: they are left out.
 *
 * @param partitions the partition keys of all accounts.
 * @param users all users, if they have been listed.
 */
export async function createMissing(
  parts: Parts,
  { dryRun, onChange }: PassOptions,
  { changes }: Findings,
  partitions: ReadonlySet<string>,
  users: Iterable<RealmUser> | undefined,
): Promise<void> {
  const missing = usersWithout(users ?? parts.realm.users(), partitions);
  await forEachOf(missing, LOOK_UPS, async (user) => {
    const account = await accountFor(parts.realm, user);
    if (account === undefined || (!dryRun && !(await create(parts, account)))) return;
    const change: SyncChange = { userId: user.id, action: 'create', differs: [] };
    changes.push(change);
    if (!dryRun) onChange?.(change);
  });
}

async function* usersWithout(
  users: AsyncIterable<RealmUser> | Iterable<RealmUser>,
  partitions: ReadonlySet<string>,
): AsyncGenerator<RealmUser> {
  for await (const user of users) {
    if (user.enabled && isUserId(user.id) && !partitions.has(accountAt(user.id).pk)) yield user;
  }
}

/** With the roles that the realm itself says they have. */
async function accountFor(realm: Realm, user: RealmUser): Promise<NewAccount | undefined> {
  const roles = await realm.rolesOf(user.id);
  return roles === 'gone' ? undefined : { userId: user.id, ...storableProfile({ ...user, roles }) };
}

/** Somebody has made the account meanwhile, or has deleted or moved the user for good. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['user_exists', 'user_deleted', 'user_moved']);

/** @returns `false`: it is left alone. */
async function create({ table, now }: Parts, account: NewAccount): Promise<boolean> {
  try {
    await createAccount({ table, now }, account);
    return true;
  } catch (error) {
    if (error instanceof AdminError && LEFT_ALONE.has(error.code)) return false;
    throw error;
  }
}
