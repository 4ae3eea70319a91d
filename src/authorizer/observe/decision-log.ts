import { type Clock, DENIALS, type Decision, type DenialReason, type Trace } from '../../decision.ts';
import type { Fault, FaultReason } from '../../fault.ts';

/** What is said of every request, whatever became of it. */
interface Subject {
  readonly sourceIp: string | undefined;
  readonly requestId: string | undefined;
}

export interface DecisionLog {
  decided(decision: Decision, subject: Subject, trace: Trace, startedAt: number): void;
  failed(fault: Fault, subject: Subject, trace: Trace, startedAt: number): void;
}

type Reason = DenialReason | FaultReason | 'api_key.valid' | 'token.valid' | 'preflight';

/**
 * Writes one JSON line a decision, which is its metrics too (CloudWatch's embedded metric format): counts and
 * durations by outcome, by method and outcome, and by reason.
 *
 * Holds ids, never a credential nor a part of one; the caller's own text only where its shape is known.
 *
 * @param write takes a whole line. It should not be `console.log`, which the JSON log format would wrap in a message.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createDecisionLog(write: (line: string) => void, now: Clock): DecisionLog {
  function line(
    level: 'INFO' | 'WARN' | 'ERROR',
    outcome: Decision['outcome'] | 'fault',
    reason: Reason,
    { sourceIp, requestId }: Subject,
    trace: Trace,
    startedAt: number,
    fault?: Fault,
  ): void {
    const endedAt = now();
    const entry = {
      level,
      timestamp: new Date(endedAt).toISOString(),
      message: `${outcome}: ${reason}`,
      outcome,
      reason,
      authMethod: trace.authMethod ?? 'none',
      userId: trace.userId,
      apiKeyId: trace.apiKeyId,
      kid: trace.kid,
      sourceIp,
      requestId,
      durationMs: endedAt - startedAt,
      tableRequests: trace.tableRequests,
      decisions: 1,
      fault: fault && describe(fault),
      _aws: { Timestamp: endedAt, CloudWatchMetrics: METRICS },
    };
    write(`${JSON.stringify(entry)}\n`);
  }

  return {
    decided(decision, subject, trace, startedAt) {
      switch (decision.outcome) {
        case 'allow': {
          const reason = decision.principal.authMethod === 'api_key' ? 'api_key.valid' : 'token.valid';
          return line('INFO', 'allow', reason, subject, trace, startedAt);
        }
        case 'deny':
          return line(DENIALS[decision.reason].level, 'deny', decision.reason, subject, trace, startedAt);
        case 'preflight':
          return line('INFO', 'preflight', 'preflight', subject, trace, startedAt);
      }
    },
    failed(fault, subject, trace, startedAt) {
      line('ERROR', 'fault', fault.reason, subject, trace, startedAt, fault);
    },
  };
}

const METRICS = [
  {
    Namespace: 'Gatepass',
    Dimensions: [['outcome'], ['authMethod', 'outcome'], ['reason']],
    Metrics: [
      { Name: 'decisions', Unit: 'Count' },
      { Name: 'durationMs', Unit: 'Milliseconds' },
    ],
  },
];

/** A fault and its causes, by name and message: no stacks, and none of the objects that errors carry along. */
function describe(fault: Fault): string {
  const messages: string[] = [];
  let error: unknown = fault;
  while (error instanceof Error && messages.length < 5) {
    messages.push(`${error.name}: ${error.message}`);
    error = error.cause;
  }
  return messages.join(' <- ');
}
