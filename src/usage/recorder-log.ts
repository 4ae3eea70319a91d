import { errorText, logLine, metricDirective } from '../log-line.ts';
import type { Batch } from './batch.ts';
import type { Recorded } from './recorder.ts';
import type { Unusual } from './unusual.ts';

const METRICS = metricDirective([[]], {
  usageLines: 'Count',
  usageWrites: 'Count',
  usageRefusalsOverCeiling: 'Count',
  usageBatchesRefused: 'Count',
});
const UNUSUAL_METRICS = metricDirective([['unusual']], { unusualUses: 'Count' });

/** When a batch was begun and ended, in epoch milliseconds. */
interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** One line for each batch: counts alone. */
export function recordedLine({ lines, writes, refusalsOverCeiling, ...rest }: Recorded, span: Span): string {
  const isComplete = refusalsOverCeiling === 0;
  return logLine(
    isComplete ? 'INFO' : 'WARN',
    span.endedAt,
    {
      message: 'usage: recorded',
      outcome: 'recorded',
      ...{ usageLines: lines, usageWrites: writes, usageRefusalsOverCeiling: refusalsOverCeiling, ...rest },
      durationMs: span.endedAt - span.startedAt,
    },
    METRICS,
  );
}

/** The same for a batch that can't be read, whatever is tried. */
export function refusedLine(
  reason: Extract<Batch, { refused: unknown }>['refused'],
  { startedAt, endedAt }: Span,
): string {
  const entry = { message: `usage: batch refused: ${reason}`, outcome: 'refused', reason, usageBatchesRefused: 1 };
  return logLine('ERROR', endedAt, { ...entry, durationMs: endedAt - startedAt }, METRICS);
}

/** The same for a batch that will come again. */
export function failedLine(error: unknown, { startedAt, endedAt }: Span): string {
  const why = error instanceof Error ? errorText(error) : String(error);
  const entry = { message: 'usage: failed', outcome: 'failed', why, durationMs: endedAt - startedAt };
  return logLine('ERROR', endedAt, entry, METRICS);
}

/** One line for each unusual activity. */
export function unusualLine(keyId: string, { kind, day, text }: Unusual, at: number): string {
  const entry = { message: `unusual: key ${keyId} was ${text}`, unusual: kind, day, apiKeyId: keyId, unusualUses: 1 };
  return logLine('WARN', at, entry, UNUSUAL_METRICS);
}
