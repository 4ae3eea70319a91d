import { parseJwks } from '../bearer/jwks.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { toSeconds } from '../seconds.ts';
import { putKeySet } from '../table/realm-items.ts';
import type { Parts, PassResult } from './pass.ts';

/** A set as old as this is fetched anew, as often as the authorizer does by itself. */
const FRESH_SECONDS = 600;

/**
 * Keeps the realm's key set in the table, from where an authorizer that starts while the realm is out of reach takes it.
 *
 * A set without a key for our tokens is never written, nor one over a newer one. The pass that keeps it doesn't fail for
 * it: accounts matter more, and the set in the table serves on.
 *
 * @param keptAt since when the table has one, in epoch seconds: a young one is left. Without it, it is fetched anyway.
 */
export async function keepKeySet({ realm, table, issuer, now }: Parts, keptAt?: number): Promise<PassResult['keySet']> {
  const fetchedAt = toSeconds(now());
  if (keptAt !== undefined && fetchedAt - keptAt < FRESH_SECONDS) return 'fresh';
  const document = await realm.keySet().catch((error: unknown) => {
    if (error instanceof SyncError) return undefined;
    throw error;
  });
  if (!isUsable(document)) return 'not_kept';
  const isWritten = await putKeySet(table, issuer, { jwks: JSON.stringify(document), fetchedAt });
  return isWritten ? 'kept' : 'fresh';
}

function isUsable(document: unknown): boolean {
  try {
    return [...parseJwks(document).values()].some((key) => key !== 'unsuitable');
  } catch {
    return false;
  }
}
