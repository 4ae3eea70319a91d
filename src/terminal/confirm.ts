import { ask } from './ask.ts';
import type { Output } from './output.ts';
import type { TerminalInput } from './read-secret.ts';
import { UsageError } from './usage-error.ts';

/** A person at the terminal did not agree, or left. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed';
}

/**
 * Has a destructive command confirmed: by `--yes`, or by a person at the terminal. Says what will be done either way.
 *
 * @throws UsageError when there is nobody to ask, so that a script never destroys by default; NotConfirmed when the
 * answer is not yes.
 */
export async function confirm(
  what: string,
  yes: boolean | undefined,
  err: Output['err'],
  input: TerminalInput = process.stdin,
): Promise<void> {
  err(what);
  if (yes) return;
  if (!input.isTTY) throw new UsageError('There is no terminal to ask on: give --yes to go ahead.');
  if (!/^y(es)?$/i.test((await ask('Go ahead? [y/N] ', input)) ?? '')) throw new NotConfirmed('Nothing was changed.');
}
