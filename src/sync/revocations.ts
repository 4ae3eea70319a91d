import { CLOCK_SKEW_SECONDS, endOf } from '../bearer/claims.ts';
import { MAX_TOKEN_LIFETIME_SECONDS } from '../config/variables/token-lifetime.ts';
import { forEachOf } from '../pool.ts';
import { toSeconds } from '../seconds.ts';
import { revokedRealmAt } from '../table/items.ts';
import { raiseNotBefore } from '../table/revocations.ts';
import { LOOK_UPS } from './look-up.ts';
import { copyNotBefore } from './not-before.ts';
import type { Pending } from './pass.ts';
import type { Run } from './run.ts';

/**
 * Looks up a user without an account, whom no disabled account can cut off: if they are disabled or gone, the tokens that
 * they have are revoked, by our own clock.
 */
export async function lookUpWithoutAccount({ parts, options, comparison }: Run, userId: string): Promise<void> {
  const view = await comparison.lookUp(userId);
  if (view === undefined || (view !== 'gone' && view.enabled)) return;
  await copyNotBefore(parts, options, { id: userId, notBefore: toSeconds(parts.now()) + CLOCK_SKEW_SECONDS });
}

/** Copies the moment up to which the tokens of all users are revoked ("not before"). @returns what it couldn't see. */
export async function copyRealmNotBefore({ parts, options }: Run): Promise<readonly Pending[]> {
  const { realm, table, issuer } = parts;
  const notBefore = await realm.notBefore();
  if (notBefore === 'not_allowed') return ['no_view_realm'];
  if (notBefore > 0 && !options.dryRun) await raiseNotBefore(table, revokedRealmAt(issuer), { notBefore });
  return [];
}

/**
 * Looks up everybody whom an administrator has logged out within the life of a token, with an account or without: no
 * list tells their moment. Where the realm keeps no events that we may read, they are seen only when they are looked up
 * for another reason.
 */
export async function lookUpLoggedOut({ parts, options, comparison }: Run): Promise<void> {
  const { realm, now } = parts;
  const { dryRun, maxTokenLifetime = MAX_TOKEN_LIFETIME_SECONDS } = options;
  if (dryRun) return;
  const since = now() - endOf(maxTokenLifetime) * 1000;
  const userIds = new Set<string>();
  for await (const userId of realm.loggedOut(since)) userIds.add(userId);
  await forEachOf(userIds, LOOK_UPS, async (userId) => {
    await comparison.lookUp(userId);
  });
}
