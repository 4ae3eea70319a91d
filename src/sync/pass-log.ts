import { SyncError } from '../keycloak/sync-error.ts';
import { errorText, type Level, logLine, metricDirective } from '../log-line.ts';
import type { PassResult, SyncChange } from './pass.ts';

/** The most user ids that a line names: who was cut off and who let in again is for the audit, all else are counts. */
const MAX_NAMED = 100;

const METRICS = metricDirective([['pass', 'outcome']], {
  syncPasses: 'Count',
  syncDurationMs: 'Milliseconds',
  accountsDisabled: 'Count',
  accountsEnabled: 'Count',
  accountsUpdated: 'Count',
});

/** One line for each pass. Holds user ids and counts; never an email, a name, a secret or a token. */
export function passedLine(result: PassResult, startedAt: number, endedAt: number): string {
  const { pass, lookedUp, changes, waiting, keySet, realmRequests } = result;
  return line('INFO', { pass, outcome: 'done' }, startedAt, endedAt, {
    message: `sync: ${pass} pass done`,
    lookedUp,
    ...countsOf(changes),
    disabledUsers: named(changes, 'disable'),
    enabledUsers: named(changes, 'enable'),
    waiting,
    keySet,
    realmRequests,
  });
}

/** The same for a pass that was stopped, or that failed. */
export function failedLine(pass: PassResult['pass'], error: unknown, startedAt: number, endedAt: number): string {
  const reason = error instanceof SyncError ? error.code : 'failed';
  const outcome = reason === 'safety_stop' ? 'stopped' : 'failed';
  return line('ERROR', { pass, outcome }, startedAt, endedAt, {
    message: `sync: ${pass} pass ${outcome}`,
    reason,
    why: error instanceof Error ? errorText(error) : String(error),
    ...countsOf([]),
  });
}

interface Dimensions {
  readonly pass: PassResult['pass'];
  readonly outcome: 'done' | 'stopped' | 'failed';
}

function line(level: Level, dimensions: Dimensions, startedAt: number, endedAt: number, entry: object): string {
  const measures = { syncPasses: 1, syncDurationMs: endedAt - startedAt };
  return logLine(level, endedAt, { ...entry, ...dimensions, ...measures }, METRICS);
}

function countsOf(changes: readonly SyncChange[]): Readonly<Record<string, number>> {
  const count = (action: SyncChange['action']) => changes.filter((change) => change.action === action).length;
  return { accountsDisabled: count('disable'), accountsEnabled: count('enable'), accountsUpdated: count('update') };
}

function named(changes: readonly SyncChange[], action: SyncChange['action']): readonly string[] {
  const userIds = changes.filter((change) => change.action === action).map(({ userId }) => userId);
  return userIds.slice(0, MAX_NAMED);
}
