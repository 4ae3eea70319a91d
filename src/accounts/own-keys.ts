import { BlockList, isIP } from 'node:net';
import { toSeconds } from '../seconds.ts';
import { readAccount } from '../table/accounts.ts';
import { releasePlace } from '../table/key-count.ts';
import type { ApiKeyRecord } from '../table/keys.ts';
import { markUnconfirmed } from '../table/unconfirmed.ts';
import { createAccount, type NewAccount } from './accounts.ts';
import type { Admin, TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { type ApiKey, type OwnedKey, withoutHashes } from './api-key.ts';
import { momentOf, networkOf, textOf } from './input.ts';
import { changeKey, deleteKey, deletionAt, disabling, enabling } from './key-state.ts';
import { type IssuedKey, issueKey, type NewApiKey } from './keys.ts';
import { countOwnChange, releaseOwnKey, reserveOwnKey } from './own-ledger.ts';
import { type Rotation, rotateKey } from './rotate-key.ts';

/**
 * What a user may do with their own keys by themself: as an operator, but for unique names, a day's limits, and that
 * they only narrow.
 */

/** @throws AdminError as `createKey`, and `name_taken`, `too_many_changes` */
export async function createOwnKey(admin: Admin, newKey: NewApiKey): Promise<IssuedKey> {
  const { userId, name } = newKey;
  let disabledBefore: number | undefined;
  const issued = await issueKey(admin, newKey, {
    createdBy: 'user',
    reserve: async (keyId) => {
      ({ keysDisabledAt: disabledBefore } = await reserveOwnKey(admin, { userId, keyId, name: textOf('name', name) }));
    },
    release: (keyId) => releaseOwnKey(admin, userId, keyId),
  });
  const account = await readAccount(admin.table, userId);
  // All keys of the user were disabled while this one was being made: it was not among them.
  if (account?.active === true && account.keysDisabledAt === disabledBefore) return issued;
  await deleteKey(admin, { userId, keyId: issued.item.keyId });
  throw new AdminError('user_not_active', `All keys of user ${userId} were disabled at this moment: no key was made.`);
}

/** @throws AdminError as `rotateKey`, and `too_many_changes` */
export async function rotateOwnKey(admin: Admin, key: OwnedKey, rotation: Rotation): Promise<IssuedKey> {
  await countOwnChange(admin, key.userId);
  return rotateKey(admin, key, rotation, 'user');
}

/**
 * Refuses a key for good. An imported one stays in the table as it is refused: so no import brings it back, and what a
 * user does reaches no item but their own.
 *
 * @throws AdminError `key_not_found`, `too_many_changes`
 */
export async function deleteOwnKey(admin: TableAndClock, key: OwnedKey): Promise<void> {
  await countOwnChange(admin, key.userId);
  const { changed } = await changeKey(admin, key, ({ deleted, importedHash }, at) => {
    if (deleted === true) return undefined;
    const { purgeAt, ...deletion } = deletionAt(at);
    return { ...deletion, changedBy: 'user', ...(importedHash === undefined && { purgeAt }) };
  });
  if (changed) await releasePlace(admin.table, { ...key, at: toSeconds(admin.now()) });
}

export interface OwnChange {
  readonly name?: string | undefined;
  readonly active?: boolean | undefined;
  /** Epoch seconds; only earlier than it is. */
  readonly expiresAt?: number | undefined;
  /** Only within those that the key has. */
  readonly allowedNetworks?: readonly string[] | undefined;
}

/**
 * Changes a key of the user's own, in one write: all that is asked for, or nothing.
 *
 * @param maxSeconds the longest life of a key: none ends later than its creation and this.
 * @throws AdminError `key_not_found`, `key_deleted`, `invalid_input`, `name_taken`, `disabled_by_other`,
 *   `too_many_changes`
 */
export async function changeOwnKey(
  admin: TableAndClock,
  key: OwnedKey,
  { name, active, expiresAt, allowedNetworks }: OwnChange,
  maxSeconds: number,
): Promise<ApiKey> {
  await countOwnChange(admin, key.userId, name === undefined ? undefined : { keyId: key.keyId, name });
  const { record } = await changeKey(admin, key, (current) => {
    if (expiresAt !== undefined) assertEarlier(expiresAt, current, maxSeconds);
    if (allowedNetworks !== undefined) assertWithin(allowedNetworks, current);
    const changes = {
      ...(name !== undefined && { name: textOf('name', name) }),
      ...(expiresAt !== undefined && { expiresAt: momentOf('expiry', expiresAt) }),
      ...(allowedNetworks !== undefined && { allowedNetworks: [...allowedNetworks] }),
      ...(active !== undefined && (active ? enabling : disabling)(current, 'user')),
    };
    return Object.keys(changes).length === 0 ? undefined : { ...changes, changedBy: 'user' };
  });
  return withoutHashes(record);
}

function assertEarlier(
  expiresAt: number,
  { expiresAt: current, createdAt = 0 }: ApiKeyRecord,
  maxSeconds: number,
): void {
  if (expiresAt <= Math.min(current ?? Number.POSITIVE_INFINITY, createdAt + maxSeconds)) return;
  throw new AdminError('invalid_input', 'The expiry must be earlier than it is, and within the longest life of a key.');
}

function assertWithin(networks: readonly string[], { allowedNetworks: current }: ApiKeyRecord): void {
  const isNarrower = (network: string) =>
    current === undefined || current.some((one) => contains(one, networkOf(network)));
  if (networks.length > 0 && networks.every(isNarrower)) return;
  throw new AdminError('invalid_input', 'The networks must lie within those that the key has, and be at least one.');
}

/** Whether a CIDR block holds another whole. */
function contains(outer: string, inner: string): boolean {
  const [[network, width], [address, length]] = [partsOf(outer), partsOf(inner)];
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(network) !== isIP(address) || length < width) return false;
  const block = new BlockList();
  block.addSubnet(network, width, family);
  return block.check(address, family);
}

function partsOf(network: string): [address: string, width: number] {
  const [address = '', width] = network.split('/');
  return [address, Number(width)];
}

/**
 * The account of a user who is about to make a key; their first key brings it about. It is marked unconfirmed until the
 * sync has looked the user up in the realm.
 *
 * One that is there, disabled or deleted too, is left as it is: no sign-in brings anybody back.
 */
export async function openOwnAccount(admin: TableAndClock, user: NewAccount): Promise<void> {
  if ((await readAccount(admin.table, user.userId)) !== undefined) return;
  await markUnconfirmed(admin.table, user.userId);
  await createAccount(admin, user).catch((error: unknown) => {
    // Somebody else was faster.
    if (!(error instanceof AdminError && /^user_(exists|deleted|moved)$/.test(error.code))) throw error;
  });
}
