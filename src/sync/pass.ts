import type { Clock } from '../decision.ts';
import type { Realm } from '../keycloak/realm.ts';
import type { Table } from '../table/table.ts';
import type { Plan } from './plan.ts';

/** What a pass works with. */
export interface SyncParts {
  readonly realm: Realm;
  readonly table: Table;
  /** The usage table: where there is one, deleting an account deletes what is known of the use of its keys. */
  readonly usage?: Table | undefined;
  /** The realm's issuer, which its items in the table are kept under. */
  readonly issuer: string;
  /** The time, in epoch milliseconds: `Date.now` if not given. */
  readonly now?: Clock | undefined;
}

/** The same with its default. */
export type Parts = SyncParts & { readonly now: Clock };

export interface PassOptions {
  readonly pass: 'quick' | 'full';
  /** Looks everything up and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Creates accounts for the realm's enabled users who have none; a full pass only. */
  readonly create?: boolean | undefined;
  /** The greatest share, 0 to 1, that one pass may disable: 0.1 if not told. Of whom, `accountCheck` tells. */
  readonly maxDisableShare?: number | undefined;
  /**
   * What disabling an account cuts off, as `GATEPASS_ACCOUNT_CHECK` has it. `keys`, the default: its keys, so the share
   * is judged of the accounts with live keys. `all`: its tokens too, so the share of all accounts is judged besides.
   */
  readonly accountCheck?: 'keys' | 'all' | undefined;
  /** After how many days the disabled account of a user who is gone is deleted for good: 30 if not told. */
  readonly goneDays?: number | undefined;
  /**
   * How long an access token of the realm lives at most, in seconds: 43200 (12 hours) if not told. Tokens that the realm
   * has revoked longer ago than that are of no more concern.
   */
  readonly maxTokenLifetime?: number | undefined;
  /**
   * When a full pass stops though it isn't done, in epoch milliseconds. The table then keeps how far it is, and the
   * next full pass goes on from there. Without it a pass runs to its end.
   */
  readonly endBy?: number | undefined;
  /** Told of each change when it has been made, so that it is known even if the pass fails later. */
  readonly onChange?: ((change: SyncChange) => void) | undefined;
  /** Told how many accounts have been compared so far. */
  readonly onProgress?: ((compared: number) => void) | undefined;
}

/** What was changed in one account, or would be in a dry run. */
export interface SyncChange extends Pick<Plan, 'because' | 'differs'> {
  readonly userId: string;
  readonly action: Plan['action'] | 'create';
}

/** An account that was left as it is, since the realm did not answer for its user or its item can't be read. */
interface Skipped {
  /** The user's id, or the partition key of an item that can't be read. */
  readonly userId: string;
  readonly why: string;
  /** In how many full passes running. */
  readonly passes: number;
}

/** What is left for a later pass to see or do. Stable. */
export type Pending =
  | 'no_admin_events'
  | 'no_view_events'
  | 'no_view_realm'
  | 'roles_or_groups_changed'
  | 'too_many_disabled'
  | 'too_many_changes'
  | 'changed_meanwhile'
  | 'full_pass_running'
  | 'full_pass_unfinished';

export interface PassResult {
  /** The pass that was made: a quick one may have needed a full one. */
  readonly pass: 'quick' | 'full';
  readonly dryRun: boolean;
  /** How many accounts were compared with the realm. */
  readonly compared: number;
  readonly changes: readonly SyncChange[];
  readonly pending: readonly Pending[];
  readonly skipped: readonly Skipped[];
  /** `kept`: written; `fresh`: the one in the table is young enough; `not_kept`: it couldn't be had or isn't usable. */
  readonly keySet: 'kept' | 'fresh' | 'not_kept' | 'not_tried';
  readonly realmRequests: number;
}
