/** How keys of other systems start; `any` for a table of keys without a common start. */
export type ImportedPrefixes = readonly string[] | 'any';

/** What tells the keys of a deployment: its configuration has both. */
export interface KeyForms {
  /** How keys of ours start, without the `_` behind it. */
  readonly keyPrefix: string;
  readonly importedPrefixes: ImportedPrefixes;
}

/** Why a value is never looked up as another system's key. */
export type NotImported = 'own_prefix' | 'characters' | 'prefix';

// Visible ASCII (RFC 9110, section 5.5, without the space).
const SHAPE = /^[\x21-\x7e]+$/;

/** No key of any system is longer. */
export const MAX_IMPORTED_LENGTH = 1024;

/**
 * Tells by its form alone whether a value may be a key of another system, and is then looked up by its hash.
 *
 * What starts like a key of ours is never one, whatever the imported prefixes are.
 *
 * @returns nothing if it may be one.
 */
export function whyNotImported(value: string, forms: KeyForms): NotImported | undefined {
  if (startsLikeOurs(value, forms.keyPrefix)) return 'own_prefix';
  if (!startsWithImportedPrefix(value, forms.importedPrefixes)) return 'prefix';
  return SHAPE.test(value) && value.length <= MAX_IMPORTED_LENGTH ? undefined : 'characters';
}

/** The source of a regular expression that fits each of the prefixes. */
export function prefixesPattern(prefixes: readonly string[]): string {
  return prefixes.map((prefix) => prefix.replaceAll(/[^0-9A-Za-z_]/g, String.raw`\$&`)).join('|');
}

export function startsLikeOurs(value: string, keyPrefix: string): boolean {
  return value.startsWith(`${keyPrefix}_`);
}

export function startsWithImportedPrefix(value: string, prefixes: ImportedPrefixes): boolean {
  return prefixes === 'any' || prefixes.some((prefix) => value.startsWith(prefix));
}
