import { logLine, metricDirective } from '../log-line.ts';

/** What of a request the log holds: never a key, nor a part of one. */
interface AuditEntry {
  readonly operation: string;
  /** `done`, or the code of what was refused. */
  readonly outcome: string;
  readonly userId: string | undefined;
  readonly clientId: string | undefined;
  readonly apiKeyId: string | undefined;
  readonly sourceIp: string | undefined;
  readonly requestId: string | undefined;
}

export type AuditLog = (entry: AuditEntry, startedAt: number, error?: unknown) => void;

const METRICS = metricDirective([['operation', 'outcome']], { changes: 'Count', durationMs: 'Milliseconds' });

/** One line for each request to the API, as a decision has one. @param write takes a whole line. */
export function createAuditLog(write: (line: string) => void, now: () => number): AuditLog {
  return (entry, startedAt, error) => {
    const endedAt = now();
    const level = error === undefined ? (entry.outcome === 'done' ? 'INFO' : 'WARN') : 'ERROR';
    const message = `self-service: ${entry.operation}: ${entry.outcome}`;
    const line = { message, ...entry, durationMs: endedAt - startedAt, changes: 1, error: nameOf(error) };
    write(logLine(level, endedAt, line, METRICS));
  };
}

/** An error's message may repeat what was sent: its name and its causes' are enough. */
function nameOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = nameOf(error.cause);
  return cause === undefined ? error.name : `${error.name} <- ${cause}`;
}
