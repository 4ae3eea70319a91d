import { forEachOf } from '../pool.ts';
import { readAccount } from '../table/accounts.ts';
import { unconfirmedUsers, unmarkUnconfirmed } from '../table/unconfirmed.ts';
import { LOOK_UPS } from './look-up.ts';
import type { Run } from './run.ts';

/**
 * Looks up the users whose accounts came of their own sign-in since the last pass: no event and no earlier list tells
 * what the realm has made of them meanwhile.
 *
 * @param compared whom the pass has looked up already.
 * @returns those who have their account by now.
 */
export async function compareUnconfirmed(
  { parts: { table }, comparison }: Run,
  compared: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const users: string[] = [];
  for await (const userId of unconfirmedUsers(table)) users.push(userId);
  const withAccount: string[] = [];
  await forEachOf(users, LOOK_UPS, async (userId) => {
    const account = await readAccount(table, userId);
    if (account === undefined) return;
    if (!compared.has(userId)) await comparison.compare(account);
    withAccount.push(userId);
  });
  return withAccount;
}

/** Takes them off the list, but for those who are to be looked up again. */
export async function confirm(
  { parts: { table }, options, findings: { skipped, changedMeanwhile } }: Run,
  compared: readonly string[],
): Promise<void> {
  const isLeft = (userId: string) => skipped.has(userId) || changedMeanwhile.has(userId);
  const confirmed = options.dryRun ? [] : compared.filter((userId) => !isLeft(userId));
  await forEachOf(confirmed, LOOK_UPS, (userId) => unmarkUnconfirmed(table, userId));
}
