import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Where the local table and the local realm's signing key are kept between commands: `.gatepass/` in the repository,
 * ignored by git. Removing it starts both anew.
 */
export function keptFolder(): string {
  // This file is bundled to dist/<program>/, two levels below the root, as it lies in src/local/.
  const folder = fileURLToPath(new URL('../../.gatepass/', import.meta.url));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
