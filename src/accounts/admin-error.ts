/** Why a command on users and keys was refused. Stable. */
export type AdminErrorCode =
  | 'invalid_input'
  | 'user_exists'
  | 'user_not_found'
  | 'user_not_active'
  | 'user_deleted'
  | 'too_many_keys'
  | 'key_not_found'
  | 'key_deleted'
  | 'key_not_active'
  | 'key_expired'
  | 'key_in_grace';

/** A command that was refused, and so changed nothing. The message says what, why and what to do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: AdminErrorCode;

  constructor(code: AdminErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
