import { isDeepStrictEqual } from 'node:util';
import { PROFILE_NAMES, type Profile, type ProfileName } from '../profile.ts';
import { type AccountChange, changeAccount } from './account-state.ts';
import type { TableAndClock } from './admin.ts';
import { profileOf } from './input.ts';

/** New values by attribute. What is absent stays; `null`, or what is empty, takes the attribute away. */
export type ProfileUpdate = { readonly [Name in ProfileName]?: Profile[Name] | null };

/**
 * Changes what is told of a user. Where the sync runs, its next full pass sets it to what the realm has.
 *
 * @throws AdminError `user_not_found`, `user_deleted`, `user_moved`, `invalid_input`
 */
export async function updateAccount(
  admin: TableAndClock,
  userId: string,
  update: ProfileUpdate,
): Promise<AccountChange> {
  const named = PROFILE_NAMES.filter((name) => update[name] !== undefined);
  const stored = profileOf(Object.fromEntries(named.map((name) => [name, update[name] ?? undefined])));
  return changeAccount(admin, userId, (account) => {
    const changed = named.filter((name) => !isDeepStrictEqual(account[name], stored[name]));
    if (changed.length === 0) return undefined;
    return Object.fromEntries(changed.map((name) => [name, stored[name]]));
  });
}
