import { toSeconds } from '../seconds.ts';
import { type AccountRecord, writeAccount } from '../table/accounts.ts';
import { type ApiKeyRecord, keysOf } from '../table/keys.ts';
import { retrying } from '../table/write.ts';
import { getAccount } from './accounts.ts';
import type { TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { MAX_KEYS } from './key-count.ts';

/** What a user may do with their own keys on a day (UTC). */
const MAX_MADE_A_DAY = 50;
const MAX_CHANGES_A_DAY = 200;

/** A name that was taken this recently may be of a key that is just being written. */
const SETTLED_SECONDS = 60;

type KeyName = NonNullable<AccountRecord['keyNames']>[number];

/**
 * Reserves what a new key of a user's own needs, in one conditional write of the account: its name, which is unique
 * among the user's live keys, its place among the keys that an account may have, and one of the day's changes.
 *
 * A process that dies before the key is written leaves a name without a key, which is free again after a minute.
 *
 * @returns the account as it was before.
 * @throws AdminError `user_not_found`, `user_not_active`, `name_taken`, `too_many_keys`, `too_many_changes`
 */
export function reserveOwnKey(
  admin: TableAndClock,
  { userId, keyId, name }: { readonly userId: string; readonly keyId: string; readonly name: string },
): Promise<AccountRecord> {
  return changeLedger(admin, userId, async (account, at) => {
    const keys = await collectKeys(admin, account);
    const keyNames = withName(account, keys, { name, keyId, at });
    const keyCount = account.keyCount ?? keys.filter(({ deleted }) => deleted !== true).length;
    if (keyCount >= MAX_KEYS) {
      throw new AdminError('too_many_keys', `User ${userId} has ${MAX_KEYS} keys already: delete one first.`);
    }
    return { keyNames, keyCount: keyCount + 1, keyCountAt: at, ownChanges: countedIn(account, at, 'made') };
  });
}

/** Gives up what was reserved for a key that could not be written. */
export async function releaseOwnKey(admin: TableAndClock, userId: string, keyId: string): Promise<void> {
  await changeLedger(admin, userId, async ({ keyNames, keyCount = 1 }, at) => ({
    keyNames: keyNames?.filter((one) => one.keyId !== keyId),
    keyCount: Math.max(0, keyCount - 1),
    keyCountAt: at,
  }));
}

/**
 * Counts a change of one of the user's keys, and takes its new name if it gets one.
 *
 * @throws AdminError `user_not_found`, `user_not_active`, `name_taken`, `too_many_changes`
 */
export async function countOwnChange(
  admin: TableAndClock,
  userId: string,
  renamed?: { readonly keyId: string; readonly name: string },
): Promise<void> {
  await changeLedger(admin, userId, async (account, at) => ({
    ownChanges: countedIn(account, at, 'changed'),
    ...(renamed && { keyNames: withName(account, await collectKeys(admin, account), { ...renamed, at }) }),
  }));
}

type LedgerChanges = Partial<Pick<AccountRecord, 'keyNames' | 'keyCount' | 'keyCountAt' | 'ownChanges'>>;

function changeLedger(
  admin: TableAndClock,
  userId: string,
  decide: (account: AccountRecord, at: number) => Promise<LedgerChanges>,
): Promise<AccountRecord> {
  return retrying(async () => {
    const at = toSeconds(admin.now());
    const account = await getAccount(admin, userId);
    const { active, deleted, keyCount, ownVersion } = account;
    if (active !== true || deleted === true) {
      throw new AdminError('user_not_active', `User ${userId} is disabled or deleted: nothing was changed.`);
    }
    const changes = { ...(await decide(account, at)), ownVersion: (ownVersion ?? 0) + 1 };
    const done = await writeAccount(admin.table, userId, { active, deleted, keyCount, ownVersion }, changes);
    return done ? account : undefined;
  });
}

function countedIn(
  { ownChanges }: AccountRecord,
  at: number,
  what: 'made' | 'changed',
): NonNullable<AccountRecord['ownChanges']> {
  const day = new Date(at * 1000).toISOString().slice(0, 10);
  const { made, changed } = ownChanges?.day === day ? ownChanges : { made: 0, changed: 0 };
  const counted = { day, made: made + (what === 'made' ? 1 : 0), changed: changed + 1 };
  if (counted.made > MAX_MADE_A_DAY || counted.changed > MAX_CHANGES_A_DAY) {
    throw new AdminError(
      'too_many_changes',
      `A user may make ${MAX_MADE_A_DAY} keys and ${MAX_CHANGES_A_DAY} changes a day: try again tomorrow.`,
    );
  }
  return counted;
}

async function collectKeys({ table }: TableAndClock, account: AccountRecord): Promise<readonly ApiKeyRecord[]> {
  const keys: ApiKeyRecord[] = [];
  for await (const key of keysOf(table, account)) keys.push(key);
  return keys;
}

/**
 * The names that are being taken, with this one: those of keys that are written are the keys' own matter.
 *
 * @throws AdminError `name_taken` by a live key that the user made or changed by themself, or by one in the making.
 */
function withName(account: AccountRecord, keys: readonly ApiKeyRecord[], taken: KeyName): KeyName[] {
  const inMaking = (account.keyNames ?? []).filter(
    ({ keyId, at }) => keyId !== taken.keyId && taken.at - at < SETTLED_SECONDS,
  );
  const live = keys.filter((key) => key.keyId !== taken.keyId && isOwn(key) && isLive(key, taken.at));
  if ([...inMaking, ...live].some(({ name }) => name === taken.name)) {
    throw new AdminError('name_taken', 'Another live key has this name: choose another name, or delete that key.');
  }
  return [...inMaking, taken];
}

function isOwn({ createdBy, changedBy }: ApiKeyRecord): boolean {
  return createdBy === 'user' || changedBy === 'user';
}

function isLive({ deleted, expiresAt }: ApiKeyRecord, at: number): boolean {
  return deleted !== true && (expiresAt === undefined || at < expiresAt);
}
