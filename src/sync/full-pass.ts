import { forEachOf } from '../pool.ts';
import { toSeconds } from '../seconds.ts';
import { scanPartitions } from '../table/partitions.ts';
import { type Baseline, pendingFor, takeBaseline } from './baseline.ts';
import { disableNoted } from './disabling.ts';
import { keepKeySet } from './key-set.ts';
import { type Lists, LOOK_UPS, listedView } from './look-up.ts';
import { createMissing } from './missing.ts';
import type { Parts, PassOptions, PassResult, Pending, SyncChange } from './pass.ts';
import { claimFullPass, endFullPass, type Progress, readNoted, release, suspend, withPage } from './progress.ts';
import { rememberFullPass, rewind } from './remember.ts';
import { copyRealmNotBefore, lookUpLoggedOut } from './revocations.ts';
import { type Run, startRun } from './run.ts';
import { assertNobodyHeld } from './safety-stop.ts';
import { problemOfSkipped } from './skipping.ts';
import { readState } from './state.ts';
import { compareUnconfirmed, confirm } from './unconfirmed.ts';

/**
 * Brings every account into line with the realm: by lists of all users and of who has which role, and by a look-up of
 * those who are missing there, or whose access changes.
 *
 * Names, email, roles and who is enabled again are written as it goes. Who is to be disabled is noted, and disabled when
 * all accounts have been compared. A pass whose time is over leaves in the table how far it is.
 *
 * @throws SyncError before it has disabled anybody; `safety_stop` after it has disabled whom it may, if it held others
 *   back.
 */
export async function fullPass(parts: Parts, options: PassOptions): Promise<PassResult> {
  const run = startRun(parts, options);
  const claimed = await claimFullPass(parts, options);
  if (claimed === undefined) return run.result('full', { pending: ['full_pass_running'] });
  try {
    return await goOn(run, claimed);
  } catch (error) {
    await release(run, claimed).catch(() => undefined); // the first failure is the one to tell of
    throw error;
  }
}

async function goOn(run: Run, claimed: Progress): Promise<PassResult> {
  const { parts, options } = run;
  for (const userId of claimed.skipped) run.findings.skipped.set(userId, 'see the earlier part of this pass');
  const unseen = await copyRealmNotBefore(run);
  const baseline = await takeBaseline(parts.realm);
  if (baseline.events === 'kept') await lookUpLoggedOut(run);
  const { progress, pending } = claimed.isCompared
    ? { progress: claimed, pending: [] }
    : await compareAll(run, claimed);
  if (!progress.isCompared) return leaveUnfinished(run, progress, baseline);
  // In a dry run they have been told of already.
  const unconfirmed = options.dryRun ? [] : await compareUnconfirmed(run);
  const problem = problemOfSkipped(run.findings.skipped, progress.accounts);
  if (problem !== undefined) {
    await endFullPass(run, progress);
    throw problem;
  }

  const noted = new Map<string, SyncChange>(run.findings.toDisable);
  for await (const change of readNoted(parts, progress)) noted.set(change.userId, change);
  const verdict = await disableNoted(run, noted.values(), progress);
  if (!verdict.isDone) return leaveUnfinished(run, progress, baseline);
  const { skipped: passes } = await rememberFullPass(run, progress, baseline);
  await endFullPass(run, progress);
  assertNobodyHeld(verdict, options);
  await confirm(run, unconfirmed);
  const keySet = options.dryRun ? 'not_tried' : await keepKeySet(parts);
  return run.result('full', {
    passes,
    pending: [...new Set([...pending, ...unseen, ...pendingFor(baseline.events)])],
    keySet,
  });
}

/** Compares the accounts that haven't been yet, and those that users without one get, as long as there is time. */
async function compareAll(
  { parts, options, findings, comparison, isOver }: Run,
  claimed: Progress,
): Promise<{ readonly progress: Progress; readonly pending: readonly Pending[] }> {
  let progress = claimed;
  const { lists, pending } = await readLists(parts, claimed);
  if (lists !== undefined && isOver()) return { progress: { ...claimed, withoutLists: true }, pending };
  const partitions = new Set<string>();
  for await (const page of scanPartitions(parts.table, claimed.after, toSeconds(parts.now()))) {
    const compare = (account: (typeof page.accounts)[number]) =>
      comparison.compare(account, lists && listedView(lists, account));
    if (!(await forEachOf(page.accounts, LOOK_UPS, compare, isOver))) return { progress, pending };
    for (const partition of page.unreadable) findings.skipped.set(partition, 'its item in the table can not be read');
    if (options.create) for (const partition of page.partitions) partitions.add(partition);
    progress = withPage(progress, page);
    if (isOver()) break;
  }
  if (options.create) await createMissing(parts, options, findings, partitions, lists?.users.values());
  return { progress, pending };
}

/** Lists, where they cost less than two look-ups for each account and we may read them. */
async function readLists(
  { realm, table, issuer, now }: Parts,
  { withoutLists }: Progress,
): Promise<{ readonly lists?: Lists | undefined; readonly pending: readonly Pending[] }> {
  if (withoutLists) return { pending: [] };
  const { state } = await readState(table, issuer);
  const readAt = now();
  const users = await realm.lists(2 * (state?.accounts ?? Number.POSITIVE_INFINITY));
  if (users === 'not_allowed') return { pending: ['no_view_realm'] };
  return { lists: users === 'too_long' ? undefined : { users, readAt }, pending: [] };
}

async function leaveUnfinished(run: Run, progress: Progress, baseline: Baseline): Promise<PassResult> {
  const { lastEventAt, seenEvents } = baseline;
  await suspend(run.parts, { ...progress, began: progress.began ?? { lastEventAt, seenEvents } }, run.findings);
  await rewind(run.parts, baseline);
  return run.result('full', { pending: ['full_pass_unfinished'] });
}
