import { accessSync, constants, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is kept between commands can't be used. The message says what to do. */
export class KeptFolderError extends Error {
  override readonly name = 'KeptFolderError';
}

/**
 * Where the local table and the local realm's signing key are kept between commands: `.gatepass/` in the repository,
 * ignored by git. Removing it starts both anew.
 *
 * @throws KeptFolderError when this user can't write there.
 */
export function keptFolder(): string {
  // This file is bundled to dist/<program>/, two levels below the root, as it lies in src/local/.
  const folder = fileURLToPath(new URL('../../.gatepass', import.meta.url));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

export function unusable(path: string, cause: unknown): KeptFolderError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = /no space left/i.test(reason)
    ? 'Make room on its disk.'
    : 'Remove .gatepass/ to start anew, or run this as the user who owns it.';
  return new KeptFolderError(`${path} can't be used (${reason}). ${remedy}`, { cause });
}
