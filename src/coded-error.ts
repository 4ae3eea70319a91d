import { redactCredentials } from './redact.ts';

/**
 * An error that a program can act on: `code` is stable, the message says what, why and what to do, and what is behind
 * it is its `cause`. None of them holds a credential.
 */
export class CodedError<Code extends string> extends Error {
  override readonly name: string = 'CodedError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(redactCredentials(message), options);
    this.code = code;
  }
}
