import { type Comparison, createComparison, createFindings, type Findings } from './compare.ts';
import type { Parts, PassOptions, PassResult } from './pass.ts';
import type { SyncState } from './state.ts';

/** One invocation of a pass: what it works with and what it has found so far. */
export interface Run {
  readonly parts: Parts;
  readonly options: PassOptions;
  readonly findings: Findings;
  readonly comparison: Comparison;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Whether its time is over. */
  isOver(): boolean;
  /** @param rest `passes`: in how many full passes running those were skipped that were skipped now. */
  result(pass: PassResult['pass'], rest?: Partial<PassResult> & { readonly passes?: SyncState['skipped'] }): PassResult;
}

export function startRun(parts: Parts, options: PassOptions): Run {
  const { realm, now } = parts;
  const { endBy, dryRun = false } = options;
  const requestsBefore = realm.requests();
  const findings = createFindings();
  return {
    parts,
    options,
    findings,
    comparison: createComparison(parts, options, findings),
    startedAt: now(),
    isOver: () => endBy !== undefined && now() >= endBy,
    result(pass, { passes = {}, pending = [], keySet = 'not_tried' } = {}) {
      const { compared, changes, skipped, changedMeanwhile } = findings;
      return {
        ...{ pass, dryRun, compared, changes },
        pending: changedMeanwhile.size > 0 ? [...pending, 'changed_meanwhile'] : pending,
        skipped: [...skipped].map(([userId, why]) => ({ userId, why, passes: passes[userId] ?? 0 })),
        keySet,
        realmRequests: realm.requests() - requestsBefore,
      };
    },
  };
}
