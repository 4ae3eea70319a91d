/** Why a command on users and keys was refused. Stable. */
export type AdminErrorCode =
  | 'invalid_input'
  | 'user_exists'
  | 'user_not_found'
  | 'user_not_active'
  | 'too_many_keys'
  | 'key_exists';

/** A command that was refused, and so changed nothing. The message says what, why and what to do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: AdminErrorCode;

  constructor(code: AdminErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
