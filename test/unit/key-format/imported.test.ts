import { describe, expect, it } from 'vitest';
import { type KeyForms, type NotImported, whyNotImported } from '../../../src/key-format/imported.ts';

const FORMS: KeyForms = { keyPrefix: 'gp', importedPrefixes: ['legacy_', 'sk-'] };
const ANY: KeyForms = { keyPrefix: 'gp', importedPrefixes: 'any' };

describe("another system's key", () => {
  it.each(['legacy_', 'sk-1', 'sk-a.b.c', `legacy_${'~'.repeat(1017)}`])('may be %s', (value) => {
    expect(whyNotImported(value, FORMS)).toBeUndefined();
    expect(whyNotImported(value, ANY)).toBeUndefined();
  });

  it.each<[string, string, NotImported]>([
    ['of no imported prefix', 'other_1', 'prefix'],
    ['with the prefix in another case', 'LEGACY_1', 'prefix'],
    ['with the prefix inside', 'x_legacy_1', 'prefix'],
    ['that is empty', '', 'prefix'],
    ['of 1025 characters', `legacy_${'~'.repeat(1018)}`, 'characters'],
    ['with a space', 'legacy_a b', 'characters'],
    ['with a control character', 'legacy_a\u0001', 'characters'],
    ['with a character beyond ASCII', 'legacy_é', 'characters'],
    ['with a line break at its end', 'legacy_a\n', 'characters'],
    ['that starts as ours do', 'gp_live_1', 'own_prefix'],
  ])('is not one %s', (_, value, why) => {
    expect(whyNotImported(value, FORMS)).toBe(why);
  });

  it('may start in any way where any prefix is taken, but not as ours do, and not be empty', () => {
    expect(whyNotImported('whatever', ANY)).toBeUndefined();
    expect(whyNotImported('gp', ANY)).toBeUndefined();
    expect(whyNotImported('gp_', ANY)).toBe('own_prefix');
    expect(whyNotImported('', ANY)).toBe('characters');
  });

  it('is none where no prefix is taken', () => {
    expect(whyNotImported('legacy_1', { keyPrefix: 'gp', importedPrefixes: [] })).toBe('prefix');
  });
});
