import { SyncError } from '../keycloak/sync-error.ts';
import { toSeconds } from '../seconds.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { createLookUps } from './look-up.ts';
import { copyNotBefore } from './not-before.ts';
import type { Parts, PassOptions, SyncChange } from './pass.ts';
import { planChanges, type RealmView } from './plan.ts';
import { writePlan } from './write-plan.ts';

/** What a pass has found and done so far. */
export interface Findings {
  compared: number;
  readonly changes: SyncChange[];
  /** Whom to disable, and why: that waits until the whole is known. */
  readonly toDisable: Map<string, SyncChange>;
  /** For whom the realm did not answer, and why. */
  readonly skipped: Map<string, string>;
  /** Whose account somebody else changed while it was compared: it was left as it is. */
  readonly changedMeanwhile: Set<string>;
}

export function createFindings(): Findings {
  return { compared: 0, changes: [], toDisable: new Map(), skipped: new Map(), changedMeanwhile: new Set() };
}

const DAY_SECONDS = 86_400;
const GONE_DAYS = 30;

/** Compares accounts with what the realm says of their users. */
export interface Comparison {
  /**
   * Compares one account, and writes what differs: at once, but for disabling it, which is only noted.
   *
   * @param listed what lists say of the user, if that will do. Else the user is looked up.
   */
  compare(account: AccountRecord, listed?: RealmView): Promise<void>;
  /** The realm's own word on a user, who may have no account; nothing if it doesn't answer for this user. */
  lookUp(userId: string): Promise<RealmView | undefined>;
  /** Looks a noted user up once more, and disables the account if that is still so. */
  disable(account: AccountRecord): Promise<void>;
}

export function createComparison(parts: Parts, options: PassOptions, findings: Findings): Comparison {
  const { dryRun = false, goneDays = GONE_DAYS, onChange, onProgress } = options;
  const lookUps = createLookUps(parts.realm, (user) => copyNotBefore(parts, options, user));
  const goneSeconds = goneDays * DAY_SECONDS;

  async function lookUp(userId: string): Promise<RealmView | undefined> {
    const view = await lookUps.ask(userId);
    if (!(view instanceof SyncError)) return view;
    findings.skipped.set(userId, view.message);
    return undefined;
  }

  async function planFor(account: AccountRecord, listed: RealmView | undefined) {
    const view = listed ?? (await lookUp(account.userId));
    return view && planChanges(account, view, toSeconds(parts.now()), goneSeconds);
  }

  async function compareAndWrite(account: AccountRecord, listed: RealmView | undefined, mayDisable: boolean) {
    const plan = await planFor(account, listed);
    if (plan === undefined) return;
    const { action, because, differs } = plan;
    const change: SyncChange = { userId: account.userId, action, because, differs };
    if (action === 'disable' && !mayDisable) {
      findings.toDisable.set(account.userId, change);
    } else if (dryRun || (await writePlan(parts, account, plan))) {
      findings.changes.push(change);
      if (!dryRun) onChange?.(change);
    } else {
      findings.changedMeanwhile.add(account.userId);
    }
  }

  return {
    async compare(account, listed) {
      if (account.deleted === true) return;
      await compareAndWrite(account, listed, false);
      findings.compared++;
      onProgress?.(findings.compared);
    },
    lookUp,
    async disable(account) {
      if (account.deleted !== true && account.active === true) await compareAndWrite(account, undefined, true);
    },
  };
}
