import { expect, it } from 'vitest';
import { readText, section, tableRows } from './markdown.ts';

const GUARANTEES = tableRows(section(readText('SECURITY.md'), '## What is guaranteed'));

it.each(GUARANTEES)('SECURITY.md names tests that there are: $guarantee', ({ 'shown by': shownBy = '' }) => {
  const named = [...shownBy.matchAll(/\]\((test\/[^)]+)\) “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
  expect(named).not.toEqual([]);
  expect(named).toHaveLength(shownBy.split('](').length - 1);
  expect(named.filter(({ file, name }) => !readText(file).includes(name))).toEqual([]);
});
