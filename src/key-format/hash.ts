import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * What the table holds instead of a key: SHA-256 of the whole key, in lower-case hex.
 *
 * No salt and no stretching: there is nothing to guess in 256 random bits. Imported keys rest on the randomness that
 * their maker gave them.
 */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** Compares in a time that tells nothing about where two hashes differ. What is absent equals nothing. */
export function hashesEqual(presented: string, stored: string | undefined): boolean {
  if (stored === undefined) return false;
  const a = Buffer.from(presented, 'hex');
  const b = Buffer.from(stored, 'hex');
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
