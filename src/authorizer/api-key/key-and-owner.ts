import type { Trace } from '../../decision.ts';
import { accountLocator } from '../../key-format/format.ts';
import type { Account, ApiKeyItem } from '../../table/items.ts';
import type { Store } from '../../table/store.ts';

/** A key and the account that decides about it. */
export interface KeyAndOwner {
  readonly apiKey: ApiKeyItem | undefined;
  readonly account: Account | undefined;
}

export type KeyStore = Pick<Store, 'findApiKey' | 'findAccount'>;

/**
 * Finds a key and the account beside it, in one read. Of an account that was moved only a link is left: the account
 * that it leads to decides then, by itself, at the cost of one more read. A second link is not followed.
 */
export async function findKeyAndOwner(store: KeyStore, keyId: string, trace: Trace): Promise<KeyAndOwner> {
  const found = await find(store, keyId, trace);
  // A move between two reads looks like another's key: a second look settles it.
  return isTorn(found) ? find(store, keyId, trace) : found;
}

async function find(store: KeyStore, keyId: string, trace: Trace): Promise<KeyAndOwner> {
  const { apiKey, account } = await store.findApiKey(keyId, trace);
  const movedTo = account?.movedTo;
  return { apiKey, account: movedTo === undefined ? account : await store.findAccount(movedTo, trace) };
}

function isTorn({ apiKey, account }: KeyAndOwner): boolean {
  if (apiKey === undefined || account === undefined) return false;
  return account.movedTo !== undefined || (account.userId !== undefined && !isOwner(account, apiKey));
}

/** Whether a key is an account's: by its user id, to the letter, or by that of an account that was moved into it. */
export function isOwner({ userId, movedFrom }: Account, apiKey: ApiKeyItem): boolean {
  return userId === apiKey.userId || movedFrom?.includes(accountLocator(apiKey.userId)) === true;
}
