import { endOf } from '../bearer/claims.ts';
import type { RealmUser } from '../keycloak/realm.ts';
import { toSeconds } from '../seconds.ts';
import { revokedUserAt } from '../table/items.ts';
import { raiseNotBefore } from '../table/revocations.ts';
import type { Parts, PassOptions } from './pass.ts';

/** How long an access token of the realm lives at most, in seconds, if not told. */
export const MAX_TOKEN_LIFETIME = 43_200;

/**
 * Copies the moment up to which a user's tokens are revoked, as Keycloak sets it when an administrator logs the user out.
 * One that is so long ago that no such token is good any more is left: DynamoDB removes its item.
 */
export async function copyNotBefore(
  { table, now }: Parts,
  { dryRun, maxTokenLifetime = MAX_TOKEN_LIFETIME }: PassOptions,
  { id, notBefore = 0 }: Pick<RealmUser, 'id' | 'notBefore'>,
): Promise<void> {
  const purgeAt = endOf(notBefore + maxTokenLifetime);
  if (dryRun || notBefore === 0 || purgeAt <= toSeconds(now())) return;
  await raiseNotBefore(table, revokedUserAt(id), { notBefore, purgeAt });
}
