import { SyncError } from '../keycloak/sync-error.ts';
import type { PassResult, SyncChange } from './pass.ts';

/** The most user ids that a line names: who was cut off and who let in again is for the audit, all else are counts. */
const MAX_NAMED = 100;

/**
 * One JSON line a pass, which is its metrics too (CloudWatch's embedded metric format), by pass and outcome.
 *
 * Holds user ids and counts; never an email, a name, a secret or a token.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
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
    why: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    ...countsOf([]),
  });
}

interface Dimensions {
  readonly pass: PassResult['pass'];
  readonly outcome: 'done' | 'stopped' | 'failed';
}

function line(
  level: 'INFO' | 'ERROR',
  dimensions: Dimensions,
  startedAt: number,
  endedAt: number,
  entry: object,
): string {
  return `${JSON.stringify({
    level,
    timestamp: new Date(endedAt).toISOString(),
    ...entry,
    ...dimensions,
    syncPasses: 1,
    syncDurationMs: endedAt - startedAt,
    _aws: { Timestamp: endedAt, CloudWatchMetrics: METRICS },
  })}\n`;
}

function countsOf(changes: readonly SyncChange[]): Readonly<Record<string, number>> {
  const count = (action: SyncChange['action']) => changes.filter((change) => change.action === action).length;
  return { accountsDisabled: count('disable'), accountsEnabled: count('enable'), accountsUpdated: count('update') };
}

function named(changes: readonly SyncChange[], action: SyncChange['action']): readonly string[] {
  const userIds = changes.filter((change) => change.action === action).map(({ userId }) => userId);
  return userIds.slice(0, MAX_NAMED);
}

const METRICS = [
  {
    Namespace: 'Gatepass',
    Dimensions: [['pass', 'outcome']],
    Metrics: [
      { Name: 'syncPasses', Unit: 'Count' },
      { Name: 'syncDurationMs', Unit: 'Milliseconds' },
      { Name: 'accountsDisabled', Unit: 'Count' },
      { Name: 'accountsEnabled', Unit: 'Count' },
      { Name: 'accountsUpdated', Unit: 'Count' },
    ],
  },
];
