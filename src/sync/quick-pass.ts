import { forEachOf } from '../pool.ts';
import { readAccount } from '../table/accounts.ts';
import { listDisabled, pendingFor } from './baseline.ts';
import { disableNoted } from './disabling.ts';
import { type News, noNews, readNews } from './events-since.ts';
import { keepKeySet } from './key-set.ts';
import { LOOK_UPS } from './look-up.ts';
import type { Parts, PassOptions, PassResult, Pending } from './pass.ts';
import { isUnfinished } from './progress.ts';
import { copyRealmNotBefore, lookUpWithoutAccount } from './revocations.ts';
import { startRun } from './run.ts';
import { assertNobodyHeld } from './safety-stop.ts';
import { problemOfSkipped } from './skipping.ts';
import { fitting, MOST_BYTES, readState, type SyncState, writeState } from './state.ts';
import { compareUnconfirmed, confirm } from './unconfirmed.ts';

/** A full pass instead of a quick one isn't made more often than this. */
const FULL_AGAIN_MS = 15 * 60_000;

/**
 * Looks only at what has changed in the realm since the last pass: who is newly disabled, who no longer is, and what
 * administrators changed if the realm keeps admin events. Where nothing has, it costs a look at the realm's settings, one
 * page of disabled users, one of events, a read and a query of the table, and writes nothing; every ten minutes the key
 * set besides.
 *
 * It doesn't see who was deleted without an event, or what users changed themselves: that is left to a full pass, as
 * `pending` says of what else is.
 *
 * @returns `needs_full` where there is nothing yet to compare with, or too much has changed.
 * @throws SyncError as a full pass does. What it is to see is then seen by the next one.
 */
export async function quickPass(parts: Parts, options: PassOptions): Promise<PassResult | 'needs_full'> {
  const { realm, table, issuer, now } = parts;
  const run = startRun(parts, options);
  const { state, fullPass, keySetAt } = await readState(table, issuer);
  if (state === undefined) return 'needs_full';
  const unseen = await copyRealmNotBefore(run);
  const disabled = await listDisabled(realm);
  const read = await readNews(realm, state);
  const isTooMuch = disabled === undefined || read === undefined;
  if (isTooMuch && now() - state.fullPassAt >= FULL_AGAIN_MS) return 'needs_full';
  const news = read ?? noNews(state);

  const userIds = new Set([...state.again, ...differences(disabled, state.disabled), ...news.userIds]);
  await forEachOf(userIds, LOOK_UPS, async (userId) => {
    const account = await readAccount(table, userId);
    await (account === undefined ? lookUpWithoutAccount(run, userId) : run.comparison.compare(account));
  });
  const unconfirmed = await compareUnconfirmed(run, userIds);
  const { skipped, toDisable } = run.findings;
  const problem = problemOfSkipped(skipped, state.accounts);
  if (problem !== undefined) throw problem;
  assertNobodyHeld(await disableNoted(run, toDisable.values(), state), options);
  await confirm(run, unconfirmed);

  const pending = [...pendingAfter(state, read, disabled), ...unseen, ...leftOver(fullPass, now())];
  if (options.dryRun) return run.result('quick', { pending });
  const again = againAfter(state, run.findings);
  if (userIds.size > 0 || again.length > 0 || isNews(state, news)) {
    const { lastEventAt, seenEvents } = news;
    await writeState(table, issuer, { ...state, disabled, lastEventAt, seenEvents, again }, state, now());
  }
  return run.result('quick', { pending, keySet: await keepKeySet(parts, keySetAt) });
}

/** Who is in one of the lists only. A list that was too long to be kept differs in nobody. */
function differences(now: readonly string[] | undefined, before: readonly string[] | undefined): readonly string[] {
  if (now === undefined) return [];
  const isBefore = new Set(before);
  const isNow = new Set(now);
  return [...now.filter((id) => !isBefore.has(id)), ...(before ?? []).filter((id) => !isNow.has(id))];
}

/** Whom the realm doesn't answer for is asked for once more, and then left to the full pass. */
function againAfter(
  state: SyncState,
  {
    changedMeanwhile,
    skipped,
  }: { readonly changedMeanwhile: Iterable<string>; readonly skipped: Iterable<[string, string]> },
): string[] {
  const onceMore = [...skipped].map(([userId]) => userId).filter((userId) => !state.again.includes(userId));
  return fitting([...changedMeanwhile, ...onceMore], MOST_BYTES.again);
}

function isNews(state: SyncState, news: News): boolean {
  return news.lastEventAt !== state.lastEventAt || news.seenEvents !== state.seenEvents;
}

function pendingAfter(
  state: SyncState,
  news: News | undefined,
  disabled: readonly string[] | undefined,
): readonly Pending[] {
  return [
    ...pendingFor(state.events),
    ...(news?.concernsMany ? (['roles_or_groups_changed'] as const) : []),
    ...(disabled === undefined ? (['too_many_disabled'] as const) : []),
    ...(news === undefined ? (['too_many_changes'] as const) : []),
  ];
}

function leftOver(fullPass: unknown, now: number): readonly Pending[] {
  return isUnfinished(fullPass, now) ? ['full_pass_unfinished'] : [];
}
