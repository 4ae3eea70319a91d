import type { Clock } from '../decision.ts';
import type { Realm } from '../keycloak/realm.ts';
import type { Table } from '../table/table.ts';
import type { Plan } from './plan.ts';

/** What a pass works with. */
export interface SyncParts {
  readonly realm: Realm;
  readonly table: Table;
  /** The realm's issuer, which its items in the table are kept under. */
  readonly issuer: string;
  readonly now: Clock;
  /**
   * Reads a JWK Set as the authorizer does, by `kid`: `unsuitable` is what may not verify tokens. May throw. Without it
   * the key set in the table is left as it is.
   */
  readonly parseJwks?: ((document: unknown) => ReadonlyMap<string, unknown>) | undefined;
}

export interface PassOptions {
  readonly pass: 'quick' | 'full';
  /** Looks everything up and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Creates accounts for the realm's enabled users who have none; a full pass only. */
  readonly create?: boolean | undefined;
  /** The greatest share of the active accounts, 0 to 1, that one pass may disable: 0.1 if not told. */
  readonly maxDisableShare?: number | undefined;
  /** Told now and then how many accounts have been looked up. */
  readonly onProgress?: ((lookedUp: number) => void) | undefined;
}

/** What was changed in one account, or would be in a dry run. */
export interface SyncChange extends Pick<Plan, 'because' | 'differs'> {
  readonly userId: string;
  readonly action: Plan['action'] | 'create';
}

/** What a pass could not see, so that it waits for the next full one. Stable. */
export type Waiting =
  | 'no_admin_events'
  | 'no_view_events'
  | 'roles_or_groups_changed'
  | 'too_many_disabled'
  | 'too_many_changes'
  | 'changed_meanwhile';

export interface PassResult {
  /** The pass that was made: a quick one may have needed a full one. */
  readonly pass: 'quick' | 'full';
  readonly dryRun: boolean;
  /** How many accounts were looked up in the realm. */
  readonly lookedUp: number;
  readonly changes: readonly SyncChange[];
  readonly waiting: readonly Waiting[];
  /** `kept`: written; `fresh`: the one in the table is young enough; `not_kept`: it couldn't be had or isn't usable. */
  readonly keySet: 'kept' | 'fresh' | 'not_kept' | 'dry_run';
  readonly realmRequests: number;
}
