import { describe, expect, it } from 'vitest';
import { createFindImported, type ImportedForms } from '../../../../src/accounts/leak/imported-in-text.ts';

const KEY = 'sk_live_0123456789abcdef';

function find(text: string, forms: ImportedForms = { importedPrefixes: ['sk_', 'tok-'] }, to = text.length) {
  return [...createFindImported(forms)({ text, from: 0, to })].map(({ key }) => key);
}

describe('what starts with an imported prefix', () => {
  it.each([
    ['alone', KEY],
    ['in quotes', `"${KEY}"`],
    ['in a header', `Authorization: ${KEY}\r\nHost: x`],
    ['in JSON in JSON', String.raw`{\"key\":\"${KEY}\"}`],
    ['behind an escaped line break', String.raw`a\n${KEY}\n`],
    ['behind an escaped letter', String.raw`\u003d${KEY}\u0026`],
    ['in XML', `<key>${KEY}</key>`],
    ['between bytes that are no text', `\u0000\u00ff${KEY}\u00fe`],
  ])('may be a key, and one only: %s', (_, text) => {
    expect(find(text)).toEqual([KEY]);
  });

  it.each([
    ['before the end of a sentence', `it was ${KEY}.`, KEY],
    ['in a URL', `https://x/?key=${KEY}&a=b&c=d&e=f&g=h`, KEY],
    ['in an encoded URL', `key%3D${KEY}%2Bab%3D%3D%26x`, `${KEY}+ab==`],
    ['of many parts, before the end of a sentence', `${KEY}.ab-c.de.fg.hi.`, `${KEY}.ab-c.de.fg.hi`],
    ['in base64', `${KEY}+ab/cd==`, `${KEY}+ab/cd==`],
    ['in base64 in JSON, escaped', String.raw`"${KEY}\/cd\u003d\u003D"`, `${KEY}/cd==`],
    ['with a prefix of signs', 'tok-0123456789abcdef', 'tok-0123456789abcdef'],
  ])('is tried with each end that it may have: %s', (_, text, key) => {
    const found = find(text);
    expect(found).toContain(key);
    expect(found.length).toBeLessThanOrEqual(4);
  });

  it('is not one that only has the prefix in it, is short, or is longer than any key', () => {
    expect(find(`task_${KEY.slice(3)}`)).toEqual([]);
    expect(find(`u003d${KEY}`)).toEqual([]);
    expect(find('sk_12345678')).toEqual([]);
    expect(find('sk_123456789')).toEqual(['sk_123456789']);
    expect(find(`sk_${'a'.repeat(1021)}`)).toHaveLength(1);
    expect(find(`sk_${'a'.repeat(1022)}`)).toEqual([]);
  });

  it('is looked for where it may begin', () => {
    expect(find(` ${KEY}`, undefined, 1)).toEqual([]);
    expect(find(` ${KEY}`, undefined, 2)).toEqual([KEY]);
    const text = `${KEY} ${KEY}`;
    const findImported = createFindImported({ importedPrefixes: ['sk_'] });
    const found = [...findImported({ text, from: 1, to: text.length })];
    expect(found.map(({ index }) => index)).toEqual([KEY.length + 1]);
  });
});

describe('a pattern', () => {
  it('tells a key by itself, whatever the prefixes are', () => {
    const importedPattern = /[0-9a-f]{32}/;
    const key = '0123456789abcdef'.repeat(2);
    expect(find(`x ${key}${key} ${KEY}`, { importedPattern, importedPrefixes: 'any' })).toEqual([key, key]);
  });

  it('tells it by its first group, and may have flags', () => {
    expect(find('API-KEY: abc, api-key: def', { importedPattern: /api-key: (\w+)/iy })).toEqual(['abc', 'def']);
  });

  it('that fits nothing at all ends', () => {
    expect(find('abc', { importedPattern: /x*/ })).toEqual(['', '', '']);
  });
});

it('nothing is looked for without a prefix', () => {
  expect(find(KEY, {})).toEqual([]);
  expect(find(KEY, { importedPrefixes: [] })).toEqual([]);
  expect(find(KEY, { importedPrefixes: 'any' })).toEqual([]);
});
