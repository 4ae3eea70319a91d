/**
 * Why no decision could be made. Stable: alarms and log queries match on these.
 *
 * A fault is never an Allow and never a 401: it is thrown, which API Gateway by its documents'
 * wording doesn't cache, and the caller is told to try again (503).
 */
export type FaultReason =
  | 'fault.configuration'
  | 'fault.event'
  | 'fault.table'
  | 'fault.item'
  | 'fault.realm_keys'
  | 'fault.deadline'
  | 'fault.unexpected';

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
