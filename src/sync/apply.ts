import { changeAccount } from '../accounts/account-state.ts';
import { AdminError } from '../accounts/admin-error.ts';
import type { Clock } from '../decision.ts';
import type { AccountRecord } from '../table/accounts.ts';
import type { Table } from '../table/table.ts';
import type { Planned } from './look-up.ts';
import type { SyncChange } from './pass.ts';
import { forEachOf } from './pool.ts';

const WRITES = 16;

export interface Applied {
  readonly changes: readonly SyncChange[];
  /** Whose account someone else changed after the plan was made: they are left as they are. */
  readonly passedOver: readonly string[];
}

/**
 * Writes planned changes, each account's in one conditional write.
 *
 * Only into an account that is still as it was planned for: what an operator or another pass did in between stands. A
 * repeat finds nothing to do.
 */
export async function applyPlans(table: Table, plans: readonly Planned[], now: Clock): Promise<Applied> {
  const changes: SyncChange[] = [];
  const passedOver: string[] = [];
  await forEachOf(plans, WRITES, async (planned) => {
    const isDone = await apply(table, planned, now);
    if (isDone) changes.push(changeOf(planned));
    else passedOver.push(planned.account.userId);
  });
  return { changes, passedOver };
}

async function apply(table: Table, { account, plan }: Planned, now: Clock): Promise<boolean> {
  try {
    const { changed } = await changeAccount({ table, now }, account.userId, (current) =>
      isSame(account, current) ? plan.changes : undefined,
    );
    return changed;
  } catch (error) {
    if (error instanceof AdminError && /^user_(not_found|deleted|moved)$/.test(error.code)) return false;
    throw error;
  }
}

function isSame(a: AccountRecord, b: AccountRecord): boolean {
  return (
    a.active === b.active && a.deleted === b.deleted && a.disabledBy === b.disabledBy && a.updatedAt === b.updatedAt
  );
}

/** A plan as it is reported. */
export function changeOf({ account: { userId }, plan: { action, because, differs } }: Planned): SyncChange {
  return { userId, action, because, differs };
}
