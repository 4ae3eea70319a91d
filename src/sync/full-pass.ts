import { type AccountRecord, scanAccounts } from '../table/accounts.ts';
import { applyPlans, changeOf } from './apply.ts';
import { takeBaseline, waitingFor } from './baseline.ts';
import { keepKeySet } from './key-set.ts';
import { planAccounts } from './look-up.ts';
import { createMissing, creationOf, planMissing } from './missing.ts';
import type { PassOptions, PassResult, SyncParts } from './pass.ts';
import { assertNoMassDisable } from './safety-stop.ts';
import { writeState } from './state.ts';

/**
 * Brings every account into line with the realm: each is looked up by its id, two requests an account.
 *
 * Everything is planned first. Only if the realm has answered for each account and the safety stop allows it is
 * anything written. A pass that ends half-way leaves accounts that are right; a repeat does the rest.
 *
 * @throws SyncError before the first write.
 */
export async function fullPass(parts: SyncParts, options: PassOptions): Promise<PassResult> {
  const { realm, table, issuer, now } = parts;
  const { dryRun = false, create = false, maxDisableShare, onProgress } = options;
  const requestsBefore = realm.requests();
  const baseline = await takeBaseline(realm, now());

  const seen = new Set<string>();
  let active = 0;
  let lookedUp = 0;
  async function* accounts(): AsyncGenerator<AccountRecord> {
    for await (const account of scanAccounts(table)) {
      if (create) seen.add(account.userId);
      if (account.active === true && account.deleted !== true) active++;
      yield account;
    }
  }
  const plans = await planAccounts(
    realm,
    accounts(),
    (account) => account,
    () => {
      lookedUp++;
      onProgress?.(lookedUp);
    },
  );
  assertNoMassDisable(plans, active, maxDisableShare);
  const missing = create ? await planMissing(realm, table, seen) : [];
  const waiting = waitingFor(baseline.events);

  if (dryRun) {
    const changes = [...plans.map(changeOf), ...missing.map(creationOf)];
    const realmRequests = realm.requests() - requestsBefore;
    return { pass: 'full', dryRun, lookedUp, changes, waiting, keySet: 'dry_run', realmRequests };
  }
  const { changes, passedOver } = await applyPlans(table, plans, now);
  const created = await createMissing(table, missing, now);
  // Whoever was passed over is new to the next quick pass.
  const disabled = baseline.disabled?.filter((id) => !passedOver.includes(id));
  await writeState(table, issuer, { ...baseline, disabled, activeAccounts: active, writtenAt: now() });
  const keySet = await keepKeySet(parts);
  return {
    pass: 'full',
    dryRun,
    lookedUp,
    changes: [...changes, ...created],
    waiting: passedOver.length > 0 ? [...waiting, 'changed_meanwhile'] : waiting,
    keySet,
    realmRequests: realm.requests() - requestsBefore,
  };
}
