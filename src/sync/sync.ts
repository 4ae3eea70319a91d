import { fullPass } from './full-pass.ts';
import type { PassOptions, PassResult, SyncParts } from './pass.ts';
import { quickPass } from './quick-pass.ts';

/**
 * Makes a pass. A quick one that has nothing to compare with yet, or too much, is made a full one: the result says so.
 *
 * @throws SyncError when the pass was stopped before it changed any account, and what the table throws.
 */
export async function sync(parts: SyncParts, options: PassOptions): Promise<PassResult> {
  const quick = options.pass === 'quick' ? await quickPass(parts, options) : 'needs_full';
  return quick === 'needs_full' ? fullPass(parts, options) : quick;
}
