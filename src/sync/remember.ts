import type { Table } from '../table/table.ts';
import { retrying } from '../table/write.ts';
import type { Baseline } from './baseline.ts';
import type { Parts } from './pass.ts';
import type { Progress } from './progress.ts';
import type { Run } from './run.ts';
import { countSkipped } from './skipping.ts';
import { fitting, MOST_BYTES, type Position, readState, type SyncState, writeState } from './state.ts';

/** Keeps what a full pass has found for the passes after it, unless it writes nothing. @returns what it keeps. */
export async function rememberFullPass(
  { parts: { table, issuer, now }, options, findings }: Run,
  progress: Progress,
  baseline: Baseline,
): Promise<Omit<SyncState, 'writtenAt'>> {
  const { accounts, active, withKeys } = progress;
  const after = (current: SyncState | undefined) => ({
    ...seenAfter(current, baseline, progress),
    ...{ accounts, active, withKeys, events: baseline.events },
    again: fitting([...findings.changedMeanwhile, ...(current?.again ?? [])], MOST_BYTES.again),
    skipped: countSkipped(findings.skipped.keys(), current?.skipped),
    fullPassAt: now(),
  });
  return options.dryRun ? after((await readState(table, issuer)).state) : changeState(table, issuer, now(), after);
}

/**
 * Has the next quick pass look again at what was changed while lists were read and compared: another quick pass may have
 * brought it in meanwhile, and the older lists may have undone that.
 */
export async function rewind({ table, issuer, now }: Parts, baseline: Baseline): Promise<void> {
  await changeState(table, issuer, now(), (current) => current && { ...current, ...rewound(current, baseline) });
}

/** What of the realm the next quick pass takes for known. */
function seenAfter(
  current: SyncState | undefined,
  baseline: Baseline,
  { startedAt, began }: Progress,
): Position & Pick<SyncState, 'disabled'> {
  const isAlone = current === undefined || current.writtenAt <= startedAt;
  if (began === undefined && isAlone) return pick(baseline);
  if (current === undefined) return { disabled: undefined, ...(began ?? pick(baseline)) };
  return { disabled: current.disabled, ...rewound(current, baseline) };
}

function pick({ disabled, lastEventAt, seenEvents }: Baseline): Position & Pick<SyncState, 'disabled'> {
  return { disabled, lastEventAt, seenEvents };
}

/** The earlier of the two. */
function rewound(current: SyncState, baseline: Baseline): Position {
  const isEarlier = current.events === 'kept' && current.lastEventAt < baseline.lastEventAt;
  const { lastEventAt, seenEvents } = isEarlier ? current : baseline;
  return { lastEventAt, seenEvents };
}

/** @param change gives nothing where there is nothing to change. */
async function changeState<Next extends Omit<SyncState, 'writtenAt'> | undefined>(
  table: Table,
  issuer: string,
  at: number,
  change: (current: SyncState | undefined) => Next,
): Promise<Next> {
  const { next } = await retrying(async () => {
    const { state: current } = await readState(table, issuer);
    const next = change(current);
    const isDone = next === undefined || (await writeState(table, issuer, next, current, at));
    return isDone ? { next } : undefined;
  });
  return next;
}
