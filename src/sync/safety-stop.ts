import { SyncError } from '../keycloak/sync-error.ts';
import type { Planned } from './look-up.ts';

/** So many accounts may be disabled at once whatever their share: in a small table each is a large one. */
const ALWAYS_ALLOWED = 3;

const DEFAULT_SHARE = 0.1;

/**
 * Stops a pass that would disable a great part of the accounts at once. That is how a mistake looks: the wrong realm, a
 * restored backup, a user federation that was taken away or switched off (its users are gone or look disabled then).
 *
 * @param active how many accounts are active.
 * @throws SyncError `safety_stop`, before anything is changed.
 */
export function assertNoMassDisable(plans: readonly Planned[], active: number, maxShare = DEFAULT_SHARE): void {
  const disables = plans.filter(({ plan }) => plan.action === 'disable');
  const count = disables.length;
  if (count <= ALWAYS_ALLOWED || count <= active * maxShare) return;
  const gone = disables.filter(({ plan }) => plan.because === 'gone').length;
  const percent = Math.ceil((100 * count) / Math.max(count, active));
  throw new SyncError(
    'safety_stop',
    `Stopped, and nothing was changed: ${count} of ${active} active accounts would be disabled ` +
      `(${gone} users gone, ${count - gone} disabled in the realm; the first is ${disables[0]?.account.userId}), ` +
      `and ${Math.floor(maxShare * 100)} % is the most at once. Look at these users in the realm, or at ` +
      `"gatepass sync --dry-run --max-disable-share 100"; if it is right, allow it with --max-disable-share ${percent}.`,
  );
}
