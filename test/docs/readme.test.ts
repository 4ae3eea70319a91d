import { describe, expect, it } from 'vitest';
import { PUBLIC_ANSWERS } from '../../src/decision.ts';
import { codeBlocks, readText, section, tableRows } from './markdown.ts';

const README = readText('README.md');

describe('the README', () => {
  it('can be read in one sitting: 200 lines at most', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('has the contract as the code answers', () => {
    const answers = tableRows(section(README, '## The contract')).map(({ status, '`error`': _, ...row }) => [
      status,
      row['error'],
      row['message'],
    ]);
    expect(answers).toEqual([
      ...Object.entries(PUBLIC_ANSWERS).map(([error, message]) => ['401', error, message]),
      ['503', 'unavailable', 'Authorization is temporarily unavailable'],
    ]);
  });

  it('shows JSON that is JSON', () => {
    const samples = codeBlocks(README, 'json');
    expect(samples).toHaveLength(3);
    for (const sample of samples) expect(() => JSON.parse(sample)).not.toThrow();
  });
});

describe('docs/architecture.md', () => {
  it('names every runtime dependency, and no other', () => {
    const { dependencies } = JSON.parse(readText('package.json'));
    const named = tableRows(section(readText('docs/architecture.md'), '## Dependencies')).flatMap(
      ({ package: cell = '' }) => cell.split(', ').map((name) => name.replaceAll('`', '')),
    );
    expect(named.sort()).toEqual(Object.keys(dependencies).sort());
  });
});
