import { CodedError } from '../coded-error.ts';

/** Why a command on users and keys was refused. Stable. */
export type AdminErrorCode =
  | 'invalid_input'
  | 'user_exists'
  | 'user_not_found'
  | 'user_not_active'
  | 'user_deleted'
  | 'user_moved'
  | 'user_has_keys'
  | 'too_many_keys'
  | 'too_many_changes'
  | 'name_taken'
  | 'disabled_by_other'
  | 'key_not_found'
  | 'key_deleted'
  | 'key_not_active'
  | 'key_expired'
  | 'key_leaked'
  | 'key_in_grace'
  | 'key_rotated';

/** A command that was refused, and so changed nothing. */
export class AdminError extends CodedError<AdminErrorCode> {
  override readonly name = 'AdminError';
}
