/** The command line asks for something that can't be: exit status 2. The message says what to give instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
