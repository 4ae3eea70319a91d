import { isDeepStrictEqual } from 'node:util';
import type { RealmUserWithRoles } from '../keycloak/realm.ts';
import { PROFILE, PROFILE_NAMES, type Profile, readProfile } from '../profile.ts';
import type { AccountRecord } from '../table/accounts.ts';
import type { Changes } from '../table/write.ts';

/** What the realm says of a user, or that there is none. */
export type RealmView = 'gone' | RealmUserWithRoles;

/** What is to be changed in an account. */
export interface Plan {
  /** `delete`: its user has been gone for so long that it becomes a tombstone. */
  readonly action: 'disable' | 'enable' | 'update' | 'delete';
  /** Why it is to be disabled. */
  readonly because?: 'gone' | 'disabled_in_realm' | undefined;
  /** The attributes that differ, sorted. */
  readonly differs: readonly string[];
  readonly changes: Changes<AccountRecord>;
}

/**
 * Compares an account with the realm's word on its user.
 *
 * An account that someone disabled stays disabled; only what the sync disabled does it enable again. A deleted account
 * is left alone. Of a user who is gone the account keeps what it knows, for the log lines that name it, until it is
 * deleted.
 *
 * @param at epoch seconds.
 * @param goneSeconds how long a user has to be gone, and the account disabled, until it is deleted.
 * @returns nothing where there is nothing to change.
 */
export function planChanges(
  account: AccountRecord,
  view: RealmView,
  at: number,
  goneSeconds: number,
): Plan | undefined {
  if (account.deleted === true) return undefined;
  const differing = view === 'gone' ? {} : profileChanges(account, view);
  const state = stateChange(account, view);
  const { goneSince } = account;
  if (view === 'gone' && state === undefined && goneSince !== undefined && goneSince + goneSeconds <= at) {
    return { action: 'delete', differs: [], changes: {} };
  }
  const gone = (view === 'gone') === (goneSince !== undefined) ? {} : { goneSince: view === 'gone' ? at : undefined };
  const changes = { ...differing, ...gone, ...state?.changes };
  if (Object.keys(changes).length === 0) return undefined;
  const differs = Object.keys(state === undefined ? { ...differing, ...gone } : differing).sort();
  return { action: state?.action ?? 'update', because: state?.because, differs, changes };
}

type StateChange = Pick<Plan, 'action' | 'because' | 'changes'>;

function stateChange({ active, disabledBy }: AccountRecord, view: RealmView): StateChange | undefined {
  const isEnabled = view !== 'gone' && view.enabled;
  if (!isEnabled && active === true) {
    const because = view === 'gone' ? 'gone' : 'disabled_in_realm';
    return { action: 'disable', because, changes: { active: false, disabledBy: 'sync' } };
  }
  if (isEnabled && active !== true && disabledBy === 'sync') {
    return { action: 'enable', changes: { active: true, disabledBy: undefined } };
  }
  return undefined;
}

function profileChanges(account: AccountRecord, user: RealmUserWithRoles): Changes<AccountRecord> {
  const wanted = storableProfile(user);
  const differing = PROFILE_NAMES.filter((name) => !isDeepStrictEqual(asStored(account[name]), wanted[name]));
  return Object.fromEntries(differing.map((name) => [name, wanted[name]]));
}

/** What an account has, with no more of it than counts: not the order of roles, nor one that is there twice. */
function asStored(value: string | readonly string[] | undefined): string | readonly string[] | undefined {
  if (value === undefined || value.length === 0) return undefined;
  return typeof value === 'string' ? value : [...new Set(value)].sort();
}

/** What the realm tells of a user as an account takes it; what is empty is left out. */
export function storableProfile(user: Profile): Profile {
  return readProfile((name) => (PROFILE[name].holds === 'text' ? storable(user[name]) : storableAll(user[name])));
}

/** As many characters as an account takes of a text. */
const MAX_TEXT = 256;

/** A text of the realm as an account takes it: no control characters, no spaces around it, not too long, not empty. */
export function storable(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  // A cut through a surrogate pair leaves no half of it.
  const cut = clean.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '');
  return cut.trim() || undefined;
}

/** Each once, sorted. */
function storableAll(texts: unknown): string[] | undefined {
  const all = Array.isArray(texts) ? texts.map(storable).filter((text) => text !== undefined) : [];
  return all.length > 0 ? [...new Set(all)].sort() : undefined;
}
