import { accountLocator } from '../key-format/format.ts';
import { toSeconds } from '../seconds.ts';
import {
  type AccountRecord,
  buryAccount,
  leadElsewhere,
  putAccount,
  readAccount,
  reviveAccount,
  writeAccount,
} from '../table/accounts.ts';
import { setFirstKeyCount } from '../table/key-count.ts';
import { keysOf, writeKey } from '../table/keys.ts';
import { retrying } from '../table/write.ts';
import { asRead } from './account-state.ts';
import { getAccount } from './accounts.ts';
import type { TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { assertNotDeleted } from './deleted.ts';
import { userIdOf } from './input.ts';
import { countKeys } from './key-count.ts';

export interface Move {
  readonly from: string;
  readonly to: string;
  /** Goes on though `to` has keys of its own: both users' keys then have the roles of `to`. */
  readonly merge?: boolean | undefined;
}

export interface Moved {
  /** The account that the keys have now. */
  readonly account: AccountRecord;
  readonly changed: boolean;
}

/**
 * Gives a user's keys to another id of theirs, as when a realm was rebuilt; the keys work throughout.
 *
 * A key stays where it lies, since its id tells the place. The old account becomes a tombstone that leads there to the
 * new one, which alone decides from that moment on: its state, its names, its roles. Where there is none yet, it is made
 * as the old one was. Safe to repeat: what an interrupted run left is done then.
 *
 * @throws AdminError `user_not_found`, `user_deleted`, `user_moved` (to somebody else), `user_not_active` where keys
 *   would come to life or die by it, `user_has_keys` without `merge`, `invalid_input`
 */
export async function moveAccount(admin: TableAndClock, { from, to, merge = false }: Move): Promise<Moved> {
  if (from === userIdOf('user id', to)) throw new AdminError('invalid_input', `User ${from} is to be moved to itself.`);
  const at = toSeconds(admin.now());
  const changed = await retrying(async () => {
    const source = await getAccount(admin, from);
    if (source.movedTo === to) return { isNew: false };
    assertNotDeleted(source);
    if (!(await prepareTarget(admin, source, { from, to, merge }, at))) return undefined;
    // Before the old account goes, since a decision follows one link and no second.
    for (const locator of withoutOwn(to, source.movedFrom)) await leadElsewhere(admin.table, locator, { from, to });
    const isMoved = await buryAccount(admin.table, from, asRead(source), { deletedAt: at, movedTo: to });
    return isMoved ? { isNew: true } : undefined;
  });
  const account = await getAccount(admin, to);
  const renamed = await renameKeys(admin, account);
  await setFirstKeyCount(admin.table, to, await countKeys(admin.table, account), at);
  return { account: await getAccount(admin, to), changed: changed.isNew || renamed > 0 };
}

/** Makes the new account ready for the keys. @returns whether that is done; else it is another by now. */
async function prepareTarget(
  { table }: TableAndClock,
  source: AccountRecord,
  { from, to, merge }: Required<Move>,
  at: number,
): Promise<boolean> {
  const target = await readAccount(table, to);
  const arriving = [accountLocator(from), ...(source.movedFrom ?? [])];
  if (target === undefined || target.movedTo === from) {
    const account = { ...source, userId: to, movedFrom: withoutOwn(to, arriving), createdAt: at, updatedAt: at };
    return target === undefined ? putAccount(table, account) : reviveAccount(table, account, target);
  }
  assertNotDeleted(target);
  assertSameState(source, target);
  const movedFrom = [...new Set([...(target.movedFrom ?? []), ...withoutOwn(to, arriving)])];
  const isPrepared = movedFrom.length === target.movedFrom?.length;
  if (isPrepared) return true;
  if (!merge && (await countKeys(table, target)) > 0) throw hasKeys(from, to);
  return writeAccount(table, to, asRead(target), { movedFrom, keyCount: undefined, updatedAt: at });
}

/** Who is moved back has keys where their account itself lies. */
function withoutOwn(userId: string, locators: readonly string[] = []): string[] {
  return locators.filter((locator) => locator !== accountLocator(userId));
}

/** A move must not end keys that work, nor bring keys back that an operator has ended. */
function assertSameState(source: AccountRecord, target: AccountRecord): void {
  if (source.active === true && target.active !== true) {
    throw new AdminError(
      'user_not_active',
      `User ${target.userId} is disabled, and the keys of ${source.userId} would no longer work: enable that user first.`,
    );
  }
  if (source.active !== true && source.disabledBy !== 'sync' && target.active === true) {
    throw new AdminError(
      'user_not_active',
      `User ${source.userId} was disabled by an operator, and the keys would work again as those of ` +
        `${target.userId}: enable ${source.userId} first, or disable ${target.userId}.`,
    );
  }
}

function hasKeys(from: string, to: string): AdminError {
  return new AdminError(
    'user_has_keys',
    `User ${to} has keys already. With --merge the keys of ${from} join them, and take on the roles of ${to}.`,
  );
}

/** Writes the new owner into each key. They work without it too: an account knows who was moved into it. */
async function renameKeys({ table }: TableAndClock, account: AccountRecord): Promise<number> {
  const { userId } = account;
  let renamed = 0;
  for await (const key of keysOf(table, account)) {
    if (key.userId === userId) continue;
    await writeKey(table, key.keyId, { userId: key.userId }, { userId });
    renamed++;
  }
  return renamed;
}
