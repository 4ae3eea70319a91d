import { CodedError } from '../coded-error.ts';
import { errorText, type Level, logLine, metricDirective } from '../log-line.ts';
import type { PassResult, SyncChange } from './pass.ts';

/** The most user ids that a line names: who was cut off and who let in again is for the audit, all else are counts. */
const MAX_NAMED = 100;

/** Skipped in so many full passes running, an account is for an operator to look at: the template has an alarm. */
const SKIPPED_TOO_OFTEN = 3;

const METRICS = metricDirective([['pass', 'outcome']], {
  syncPasses: 'Count',
  syncDurationMs: 'Milliseconds',
  accountsDisabled: 'Count',
  accountsEnabled: 'Count',
  accountsUpdated: 'Count',
});

/** When a pass began and ended, in epoch milliseconds. */
export interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** One line for each pass. Holds user ids and counts; never an email, a name, a secret or a token. */
export function passedLine(result: PassResult, span: Span): string {
  const { pass, compared, changes, pending, skipped, keySet, realmRequests } = result;
  const isDone = !pending.includes('full_pass_unfinished') && !pending.includes('full_pass_running');
  const outcome = pass === 'quick' || isDone ? 'done' : 'unfinished';
  const tooOften = skipped.filter(({ passes }) => passes >= SKIPPED_TOO_OFTEN);
  return line(tooOften.length > 0 ? 'ERROR' : 'INFO', { pass, outcome }, span, {
    message: `sync: ${pass} pass ${outcome}`,
    compared,
    ...changesOf(changes),
    pending,
    accountsSkipped: skipped.length,
    skipped: skipped.slice(0, MAX_NAMED),
    accountsSkippedTooOften: tooOften.length,
    skippedTooOften: tooOften.slice(0, MAX_NAMED).map(({ userId }) => userId),
    keySet,
    realmRequests,
  });
}

/**
 * The same for a pass that was stopped, or that failed.
 *
 * @param changes what it had changed by then.
 */
export function failedLine(
  pass: PassResult['pass'],
  error: unknown,
  changes: readonly SyncChange[],
  span: Span,
): string {
  const reason = error instanceof CodedError ? error.code : 'failed';
  const outcome = reason === 'safety_stop' ? 'stopped' : 'failed';
  return line('ERROR', { pass, outcome }, span, {
    message: `sync: ${pass} pass ${outcome}`,
    reason,
    why: error instanceof Error ? errorText(error) : String(error),
    ...changesOf(changes),
  });
}

interface Dimensions {
  readonly pass: PassResult['pass'];
  readonly outcome: 'done' | 'unfinished' | 'stopped' | 'failed';
}

function line(level: Level, dimensions: Dimensions, { startedAt, endedAt }: Span, entry: object): string {
  const measures = { syncPasses: 1, syncDurationMs: endedAt - startedAt };
  return logLine(level, endedAt, { ...entry, ...dimensions, ...measures }, METRICS);
}

function changesOf(changes: readonly SyncChange[]): Readonly<Record<string, unknown>> {
  const usersWith = (action: SyncChange['action']) =>
    changes.filter((change) => change.action === action).map(({ userId }) => userId);
  const [disabled, enabled, deleted] = [usersWith('disable'), usersWith('enable'), usersWith('delete')];
  return {
    accountsDisabled: disabled.length,
    accountsEnabled: enabled.length,
    accountsUpdated: usersWith('update').length,
    accountsDeleted: deleted.length,
    disabledUsers: disabled.slice(0, MAX_NAMED),
    enabledUsers: enabled.slice(0, MAX_NAMED),
    deletedUsers: deleted.slice(0, MAX_NAMED),
  };
}
