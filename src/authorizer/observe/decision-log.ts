import { type AllowReason, type Clock, DENIALS, type Decision, type DenialReason, type Trace } from '../../decision.ts';
import { FAULTS, type Fault, type FaultReason } from '../../fault.ts';
import { errorText, type Level, logLine, metricDirective } from '../../log-line.ts';
import { isInside } from '../../networks.ts';
import type { Redact } from '../../redact.ts';
import { formatSecond } from '../../seconds.ts';

/** What the line of every request says, whatever was decided. */
interface Subject {
  readonly sourceIp: string | undefined;
  readonly requestId: string | undefined;
  /** `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>`; absent where the event could not be read. */
  readonly stageArn?: string | undefined;
}

export interface DecisionLog {
  decided(decision: Decision, subject: Subject, trace: Trace, startedAt: number): void;
  failed(fault: Fault, subject: Subject, trace: Trace, startedAt: number): void;
}

const METRICS = metricDirective([['outcome'], ['authMethod', 'outcome'], ['reason']], {
  decisions: 'Count',
  durationMs: 'Milliseconds',
});

/**
 * Writes one JSON line for each decision: counts and durations by outcome, by method and outcome, and by reason.
 *
 * Holds ids, never a credential nor a part of one; text of the caller only where its form is known.
 *
 * @param write takes a whole line. It should not be `console.log`, which the JSON log format would wrap in a message.
 * @param redact takes credentials out of a line; it may know the imported prefixes.
 */
export function createDecisionLog(write: (line: string) => void, now: Clock, redact?: Redact): DecisionLog {
  function writeLine(
    level: Level,
    outcome: Decision['outcome'] | 'fault',
    reason: AllowReason | DenialReason | FaultReason,
    { sourceIp, requestId, stageArn }: Subject,
    trace: Trace,
    startedAt: number,
    { fault, outsideNetworks }: { readonly fault?: Fault; readonly outsideNetworks?: true | undefined } = {},
  ): void {
    const endedAt = now();
    const [apiId, stage] = stageArn?.slice(stageArn.lastIndexOf(':') + 1).split('/') ?? [];
    const entry = {
      message: `${outcome}: ${reason}`,
      outcome,
      reason,
      authMethod: trace.authMethod ?? 'none',
      userId: trace.userId,
      apiKeyId: trace.apiKeyId,
      secret: trace.secret,
      secretSince: second(trace.secretSince),
      secretUntil: second(trace.secretUntil),
      kid: trace.kid,
      tokenLength: trace.tokenLength,
      sourceIp,
      outsideNetworks,
      apiId,
      stage,
      requestId,
      durationMs: endedAt - startedAt,
      tableRequests: trace.tableRequests,
      decisions: 1,
      fault: fault && faultText(fault),
    };
    write(logLine(level, endedAt, entry, METRICS, redact));
  }

  return {
    decided(decision, subject, trace, startedAt) {
      switch (decision.outcome) {
        case 'allow': {
          const { principal } = decision;
          if (principal.authMethod !== 'api_key')
            return writeLine('INFO', 'allow', 'token.valid', subject, trace, startedAt);
          const { allowedNetworks } = principal;
          const isOutside = allowedNetworks !== undefined && !isInside(subject.sourceIp, allowedNetworks);
          const outsideNetworks = isOutside || undefined;
          return writeLine('INFO', 'allow', 'api_key.valid', subject, trace, startedAt, { outsideNetworks });
        }
        case 'deny':
          return writeLine(DENIALS[decision.reason].level, 'deny', decision.reason, subject, trace, startedAt);
        case 'preflight':
          return writeLine('INFO', 'preflight', 'preflight', subject, trace, startedAt);
      }
    },
    failed(fault, subject, trace, startedAt) {
      writeLine(FAULTS[fault.reason].level, 'fault', fault.reason, subject, trace, startedAt, { fault });
    },
  };
}

/**
 * What a function says as it starts where its policies have no conditions, so that nobody takes an end for exact.
 *
 * @param at in epoch milliseconds.
 */
export function conditionsOffLine(at: number): string {
  const message =
    'GATEPASS_POLICY_CONDITIONS is off: a kept Allow may outlive its token, key or grace by the TTL, and keys with ' +
    'allowed networks are refused.';
  return `${JSON.stringify({ level: 'WARN', timestamp: new Date(at).toISOString(), message })}\n`;
}

const MAX_CAUSES = 4;

function second(epochSeconds: number | undefined): string | undefined {
  return epochSeconds === undefined ? undefined : formatSecond(epochSeconds);
}

/** A fault and its causes: no stacks, and none of the objects that errors carry along. */
function faultText(fault: Fault): string {
  const texts = [errorText(fault)];
  let { cause } = fault;
  while (cause instanceof Error && texts.length <= MAX_CAUSES) {
    texts.push(errorText(cause, fault.reason === 'fault.table'));
    cause = cause.cause;
  }
  return texts.join(' <- ');
}
