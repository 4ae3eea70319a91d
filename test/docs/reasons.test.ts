import { describe, expect, it } from 'vitest';
import { ALLOW_REASONS, DENIALS } from '../../src/decision.ts';
import { FAULTS } from '../../src/fault.ts';
import { readText, section, tableRows } from './markdown.ts';

const PAGE = readText('docs/reasons.md');

describe('docs/reasons.md', () => {
  it('has each reason to refuse once, with its public answer and level, in the order of the code', () => {
    const documented = ['the credentials as such', 'API keys', 'tokens'].flatMap((kind) =>
      tableRows(section(PAGE, `## Denials: ${kind}`)).map((row) => [row['code'], row['public answer'], row['level']]),
    );
    expect(documented).toEqual(Object.entries(DENIALS).map(([code, { error, level }]) => [code, error, level]));
  });

  it('has each fault once, with its level', () => {
    const documented = tableRows(section(PAGE, '## Faults')).map(({ code, level }) => [code, level]);
    expect(documented).toEqual(Object.entries(FAULTS).map(([code, { level }]) => [code, level]));
  });

  it('has each reason to let through once', () => {
    expect(tableRows(section(PAGE, '## Let through')).map(({ code }) => code)).toEqual(ALLOW_REASONS);
  });

  it('tells of each reason what it means', () => {
    for (const row of tableRows(PAGE)) expect(row['meaning']).not.toBe('');
  });
});
