interface FaultRow {
  /** `WARN` is for what a caller can bring about, `ERROR` for what only an operator can mend. */
  readonly level: 'WARN' | 'ERROR';
}

/**
 * Why no decision could be made. The keys are stable; docs/reasons.md explains each.
 *
 * A fault is never an Allow and never a 401: it is thrown, which API Gateway by its documents' wording doesn't cache,
 * and the caller is told to try again (503).
 */
export const FAULTS = {
  'fault.configuration': { level: 'ERROR' },
  'fault.event': { level: 'ERROR' },
  'fault.table': { level: 'ERROR' },
  'fault.item': { level: 'ERROR' },
  'fault.realm_keys': { level: 'ERROR' },
  'fault.realm_keys_limited': { level: 'WARN' },
  'fault.deadline': { level: 'ERROR' },
  'fault.unexpected': { level: 'ERROR' },
} as const satisfies Record<string, FaultRow>;

export type FaultReason = keyof typeof FAULTS;

/** The one error type that leaves this package. Its message and its `cause` never hold a credential. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly reason: FaultReason;

  constructor(reason: FaultReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export function asFault(error: unknown): Fault {
  return error instanceof Fault
    ? error
    : new Fault('fault.unexpected', 'The authorizer failed in a way it does not know.', { cause: error });
}
