import { CodedError } from '../coded-error.ts';

/** Why a pass was not made or not finished. Stable. */
export type SyncErrorCode =
  | 'address'
  | 'realm_unreachable'
  | 'realm_unknown'
  | 'realm_disabled'
  | 'realm_credentials'
  | 'realm_role'
  | 'realm_answer'
  | 'secret'
  | 'table'
  | 'too_many_skipped'
  | 'safety_stop';

/**
 * A pass that was stopped or could not be finished. The message says what, why and what to do; neither it nor its cause
 * holds the client's secret or a token.
 */
export class SyncError extends CodedError<SyncErrorCode> {
  override readonly name = 'SyncError';
}
