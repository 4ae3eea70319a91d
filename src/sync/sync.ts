import { fullPass } from './full-pass.ts';
import type { PassOptions, PassResult, SyncParts } from './pass.ts';
import { quickPass } from './quick-pass.ts';

/**
 * Makes a pass. A quick one that has nothing to compare with yet, or too much, is made a full one: the result says so.
 *
 * @throws SyncError when the pass was stopped or could not be finished, and what the table throws. Names, email, roles
 *   and accounts enabled again may have been written by then (`onChange` tells), and a repeat does the rest.
 */
export async function sync({ now = Date.now, ...parts }: SyncParts, options: PassOptions): Promise<PassResult> {
  const quick = options.pass === 'quick' ? await quickPass({ ...parts, now }, options) : 'needs_full';
  return quick === 'needs_full' ? fullPass({ ...parts, now }, options) : quick;
}
