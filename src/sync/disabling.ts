import type { Realm } from '../keycloak/realm.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { forEachOf } from '../pool.ts';
import { toSeconds } from '../seconds.ts';
import { readAccount } from '../table/accounts.ts';
import { keysOf } from '../table/keys.ts';
import { LOOK_UPS } from './look-up.ts';
import type { Parts, PassOptions, SyncChange } from './pass.ts';
import type { Run } from './run.ts';
import { type Candidate, isAlwaysAllowed, judgeDisabling, type Totals, type Verdict } from './safety-stop.ts';

/** How many accounts' keys are read at a time. */
const READS = 16;

/**
 * Disables the accounts that were noted, now that the whole is known, but for those that the safety stop holds back.
 * Each user is looked up once more, since the first time may be a while ago.
 *
 * @returns the verdict, and whether there was time for all who may be disabled.
 */
export async function disableNoted(
  { parts, options, findings, comparison, isOver }: Run,
  noted: Iterable<SyncChange>,
  totals: Totals,
): Promise<Verdict & { readonly isDone: boolean }> {
  const verdict = judgeDisabling(await candidatesOf(parts, [...noted], totals, options), totals, options);
  if (options.dryRun) {
    for (const { userId, action, because, differs } of verdict.allowed) {
      findings.changes.push({ userId, action, because, differs });
    }
    return { ...verdict, isDone: true };
  }
  const disable = async ({ userId }: SyncChange) => {
    const account = await readAccount(parts.table, userId);
    if (account !== undefined) await comparison.disable(account);
  };
  return { ...verdict, isDone: await forEachOf(verdict.allowed, LOOK_UPS, disable, isOver) };
}

/** What has to be known of those who are noted is read only as far as the verdict depends on it. */
async function candidatesOf(
  parts: Parts,
  noted: readonly SyncChange[],
  totals: Totals,
  options: PassOptions,
): Promise<readonly Candidate[]> {
  const unknown = noted.map((change) => ({ ...change, hasLiveKeys: false, deletedSelf: false }));
  if (isAlwaysAllowed(noted.length)) return unknown;
  const withKeys = new Set<string>();
  await forEachOf(noted, READS, async ({ userId }) => {
    if (await hasLiveKeys(parts, userId)) withKeys.add(userId);
  });
  const candidates = unknown.map((one) => ({ ...one, hasLiveKeys: withKeys.has(one.userId) }));
  if (judgeDisabling(candidates, totals, options).held.length === 0) return candidates;
  const gone = noted.filter(({ because }) => because === 'gone').map(({ userId }) => userId);
  const deletedSelf = await whoDeletedThemselves(parts.realm, new Set(gone));
  return candidates.map((one) => ({ ...one, deletedSelf: deletedSelf.has(one.userId) }));
}

async function hasLiveKeys({ table, now }: Parts, userId: string): Promise<boolean> {
  const account = await readAccount(table, userId);
  if (account === undefined) return false;
  for await (const { active, deleted, expiresAt } of keysOf(table, account)) {
    if (active === true && deleted !== true && (expiresAt === undefined || expiresAt > toSeconds(now()))) return true;
  }
  return false;
}

/** Nobody, as far as we know, where we may not read the realm's events. */
async function whoDeletedThemselves(realm: Realm, userIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  try {
    for await (const userId of realm.selfDeleted()) if (userIds.has(userId)) found.add(userId);
  } catch (error) {
    if (!(error instanceof SyncError && error.code === 'realm_role')) throw error;
  }
  return found;
}
