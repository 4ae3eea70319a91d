import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCheckout } from '../support/checkout.ts';
import { codeBlocks, ROOT, readText, section, tableRows } from './markdown.ts';

const { folder, env, remove } = createCheckout();
afterAll(remove);

/** Runs blocks as a reader pastes them into a shell. */
function paste(...blocks: readonly string[]): string {
  const script = ['mkdir -p .gatepass', ...blocks].join('\n');
  return execFileSync('sh', ['-euc', script], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
}

describe('docs/from-usage-plan-keys.md', () => {
  const page = readText('docs/from-usage-plan-keys.md');
  const [file = '', take = ''] = codeBlocks(page, 'sh');

  it('takes the keys of a file of AWS over, as they are: a disabled one stays disabled', () => {
    const disabled = /old-partner,(\w+)/.exec(file)?.[1] ?? '';
    const ask = `echo ${disabled} | ./gatepass explain --imported-prefixes '*' --local || true`;
    const output = paste(file, take, ask);
    for (const line of codeBlocks(page, 'text').join('').trim().split('\n')) expect(output).toContain(line);
    expect(output).toMatch(/✓ key\.decision[\s\S]*of user "user-21"[\s\S]*✗ key\.decision[\s\S]*of user "user-22"/);
  });
});

describe('docs/from-oidc-authorizer.md', () => {
  const page = readText('docs/from-oidc-authorizer.md');

  it('has a token judged', () => {
    expect(paste(codeBlocks(page, 'sh').join('\n'))).toContain('✓ token.decision');
  });

  it('names parameters that the template has', () => {
    const template = readFileSync(join(ROOT, 'template.yaml'), 'utf8');
    const rows = tableRows(section(page, '## Its parameters')).map((row) => row['Gatepass'] ?? '');
    const named = rows.flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, name]) => name));
    expect(named).toEqual(['JwksUri', 'Issuer', 'Audience', 'Clients']);
    for (const name of named) expect(template).toMatch(new RegExp(`^ {2}${name}:$`, 'm'));
  });
});
