import { CodedError } from '../coded-error.ts';

/** Why a pass was not made or not finished. Stable. */
export type SyncErrorCode =
  | 'address'
  | 'realm_unreachable'
  | 'realm_unknown'
  | 'realm_credentials'
  | 'realm_role'
  | 'realm_answer'
  | 'safety_stop';

/**
 * A pass that was stopped before it changed any account. The message says what, why and what to do; neither it nor its
 * cause holds the client's secret or a token.
 */
export class SyncError extends CodedError<SyncErrorCode> {
  override readonly name = 'SyncError';
}
