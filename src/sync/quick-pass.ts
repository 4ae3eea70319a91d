import { readAccount } from '../table/accounts.ts';
import { applyPlans, changeOf } from './apply.ts';
import { listDisabled, waitingFor } from './baseline.ts';
import { type News, noNews, readNews } from './events-since.ts';
import { keepKeySet } from './key-set.ts';
import { planAccounts } from './look-up.ts';
import type { PassOptions, PassResult, SyncParts, Waiting } from './pass.ts';
import { assertNoMassDisable } from './safety-stop.ts';
import { readState, type SyncState, writeState } from './state.ts';

/** A full pass instead of a quick one isn't made more often than this. */
const FULL_AGAIN_MS = 15 * 60_000;

/**
 * Looks only at what has changed in the realm since the last pass: who is newly disabled, who no longer is, and what
 * administrators changed if the realm keeps admin events. Where nothing has, it costs one page of disabled users, one of
 * events and one read of the table, and writes nothing; every ten minutes the key set besides.
 *
 * It doesn't see who was deleted, or what users changed themselves: that waits for a full pass, as `waiting` says of
 * what else does.
 *
 * @returns `needs_full` where there is nothing yet to compare with, or too much has changed.
 * @throws SyncError before the first write.
 */
export async function quickPass(parts: SyncParts, options: PassOptions): Promise<PassResult | 'needs_full'> {
  const { realm, table, issuer, now } = parts;
  const { dryRun = false, maxDisableShare, onProgress } = options;
  const requestsBefore = realm.requests();
  const { state, keySetAt } = await readState(table, issuer);
  if (state === undefined) return 'needs_full';
  const disabled = await listDisabled(realm);
  const read = await readNews(realm, state);
  const isTooMuch = disabled === undefined || read === undefined;
  if (isTooMuch && now() - state.fullPassAt >= FULL_AGAIN_MS) return 'needs_full';
  const news = read ?? noNews(state);

  const userIds = new Set([...differences(disabled, state.disabled), ...news.userIds]);
  let lookedUp = 0;
  const plans = await planAccounts(
    realm,
    userIds,
    (userId) => readAccount(table, userId),
    () => {
      lookedUp++;
      onProgress?.(lookedUp);
    },
  );
  assertNoMassDisable(plans, state.activeAccounts, maxDisableShare);
  const waiting = waitingAfter(state, read, disabled);
  if (dryRun) {
    const realmRequests = realm.requests() - requestsBefore;
    return { pass: 'quick', dryRun, lookedUp, changes: plans.map(changeOf), waiting, keySet: 'dry_run', realmRequests };
  }

  const { changes, passedOver } = await applyPlans(table, plans, now);
  // What was passed over is new to the next pass too if this one isn't remembered.
  if (passedOver.length === 0 && isNews(userIds, state, news)) {
    const { lastEventAt, seenEvents } = news;
    await writeState(table, issuer, { ...state, disabled, lastEventAt, seenEvents, writtenAt: now() }, state);
  }
  const keySet = await keepKeySet(parts, keySetAt);
  const realmRequests = realm.requests() - requestsBefore;
  return {
    pass: 'quick',
    dryRun,
    lookedUp,
    changes,
    waiting: passedOver.length > 0 ? [...waiting, 'changed_meanwhile'] : waiting,
    keySet,
    realmRequests,
  };
}

/** Who is in one of the lists only. A list that was too long to be kept differs in nobody. */
function differences(now: readonly string[] | undefined, before: readonly string[] | undefined): readonly string[] {
  if (now === undefined) return [];
  const isBefore = new Set(before);
  const isNow = new Set(now);
  return [...now.filter((id) => !isBefore.has(id)), ...(before ?? []).filter((id) => !isNow.has(id))];
}

function isNews(userIds: ReadonlySet<string>, state: SyncState, news: News): boolean {
  return userIds.size > 0 || news.lastEventAt !== state.lastEventAt || news.seenEvents !== state.seenEvents;
}

function waitingAfter(
  state: SyncState,
  news: News | undefined,
  disabled: readonly string[] | undefined,
): readonly Waiting[] {
  return [
    ...waitingFor(state.events),
    ...(news?.concernsMany ? (['roles_or_groups_changed'] as const) : []),
    ...(disabled === undefined ? (['too_many_disabled'] as const) : []),
    ...(news === undefined ? (['too_many_changes'] as const) : []),
  ];
}
