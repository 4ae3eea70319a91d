import { asRead } from '../accounts/account-state.ts';
import { deleteAccount } from '../accounts/delete-account.ts';
import { toSeconds } from '../seconds.ts';
import { type AccountRecord, writeAccount } from '../table/accounts.ts';
import type { Parts } from './pass.ts';
import type { Plan } from './plan.ts';

/**
 * Writes what was planned for an account, if it is still as it was planned for: what an operator or another pass did in
 * between stands. A repeat finds nothing to do.
 *
 * @returns whether it was written.
 */
export async function writePlan({ table, usage, now }: Parts, account: AccountRecord, plan: Plan): Promise<boolean> {
  const { userId } = account;
  if (plan.action === 'delete') return (await deleteAccount({ table, usage, now }, userId, account)).changed;
  return writeAccount(table, userId, asRead(account), { ...plan.changes, updatedAt: toSeconds(now()) });
}
