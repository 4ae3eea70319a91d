import { endOf } from '../bearer/claims.ts';
import { MAX_TOKEN_LIFETIME_SECONDS } from '../config/variables/token-lifetime.ts';
import type { RealmUser } from '../keycloak/realm.ts';
import { toSeconds } from '../seconds.ts';
import { revokedUserAt } from '../table/items.ts';
import { raiseNotBefore } from '../table/revocations.ts';
import type { Parts, PassOptions } from './pass.ts';

/**
 * Copies the moment up to which a user's tokens are revoked, as Keycloak sets it when an administrator logs the user out.
 * One that is so long ago that no such token is good any more is left: DynamoDB removes its item.
 */
export async function copyNotBefore(
  { table, now }: Parts,
  { dryRun, maxTokenLifetime = MAX_TOKEN_LIFETIME_SECONDS }: PassOptions,
  { id, notBefore = 0 }: Pick<RealmUser, 'id' | 'notBefore'>,
): Promise<void> {
  const purgeAt = endOf(notBefore + maxTokenLifetime);
  if (dryRun || notBefore === 0 || purgeAt <= toSeconds(now())) return;
  await raiseNotBefore(table, revokedUserAt(id), { notBefore, purgeAt });
}
