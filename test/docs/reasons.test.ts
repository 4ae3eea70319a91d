import { describe, expect, it } from 'vitest';
import { DENIALS } from '../../src/decision.ts';
import { readText, section, tableRows } from './markdown.ts';

const PAGE = readText('docs/reasons.md');

/** The members of a union type of literals, which are gone once the code runs. */
function literalsOf(file: string, type: string): readonly string[] {
  const [, body = ''] = new RegExp(`type ${type} =([^;]*);`).exec(readText(file)) ?? [];
  return [...body.matchAll(/'([^']+)'/g)].map(([, literal = '']) => literal);
}

describe('docs/reasons.md', () => {
  it('has each reason to refuse once, with its public answer and level, in the order of the code', () => {
    const documented = ['the credentials as such', 'API keys', 'tokens'].flatMap((kind) =>
      tableRows(section(PAGE, `## Denials: ${kind}`)).map((row) => [row['code'], row['public answer'], row['level']]),
    );
    expect(documented).toEqual(Object.entries(DENIALS).map(([code, { error, level }]) => [code, error, level]));
  });

  it('has each fault once', () => {
    const faults = literalsOf('src/fault.ts', 'FaultReason');
    expect(faults.length).toBeGreaterThan(0);
    expect(tableRows(section(PAGE, '## Faults')).map(({ code }) => code)).toEqual(faults);
  });

  it('has each reason to let through once', () => {
    const reasons = literalsOf('src/authorizer/observe/decision-log.ts', 'Reason');
    expect(reasons.length).toBeGreaterThan(0);
    expect(tableRows(section(PAGE, '## Let through')).map(({ code }) => code)).toEqual(reasons);
  });

  it('tells of each reason what it means', () => {
    for (const row of tableRows(PAGE)) expect(row['meaning']).not.toBe('');
  });
});
