import { keysOf } from '../table/keys.ts';
import { changeAccount } from './account-state.ts';
import type { TableAndClock } from './admin.ts';
import type { ApiKey } from './api-key.ts';
import { disableKey } from './key-state.ts';

/**
 * Disables all keys of a user, but not the user: what they make from now on works.
 *
 * The account is marked first, so that a key which its owner is making at this moment doesn't survive: whoever makes one
 * looks at the mark afterwards. What an operator disabled only an operator enables again.
 *
 * @returns those that this call has disabled. A repeat finds none.
 * @throws AdminError `user_not_found`, `user_deleted`, `user_moved`
 */
export async function disableKeys(admin: TableAndClock, userId: string): Promise<readonly ApiKey[]> {
  const { account } = await changeAccount(admin, userId, ({ keysDisabledAt = 0 }, at) => ({
    // Another than before, in the same second too: it is what tells of this call.
    keysDisabledAt: Math.max(at, keysDisabledAt + 1),
  }));
  const disabled: ApiKey[] = [];
  for await (const { userId: owner, keyId, deleted } of keysOf(admin.table, account)) {
    if (deleted === true || owner !== userId) continue;
    const { item, changed } = await disableKey(admin, { userId, keyId });
    if (changed) disabled.push(item);
  }
  return disabled;
}
