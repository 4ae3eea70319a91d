import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PUBLIC_ANSWERS } from '../../src/decision.ts';
import { apiKeyPattern, createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { codeBlocks, readText, section, tableRows } from './markdown.ts';

const PAGE = readText('docs/for-callers.md');
const folder = mkdtempSync(join(tmpdir(), 'gatepass-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/for-callers.md', () => {
  const patterns = codeBlocks(section(PAGE, '## For secret scanners'), 'text').map((block) => block.trim());

  it('publishes the pattern of keys, of any prefix and of the default one', () => {
    expect(patterns).toEqual([apiKeyPattern(), apiKeyPattern('gp')]);
  });

  it('publishes patterns that match a key', () => {
    const keyId = createKeyId('user-42', randomBytes);
    const key = createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes);
    for (const pattern of patterns) expect(key).toMatch(new RegExp(`^${pattern}$`));
  });

  it('explains every answer', () => {
    const errors = tableRows(section(PAGE, '## When a request is refused')).map(({ status, '`error`': _, ...row }) => [
      status,
      row['error'],
    ]);
    expect(errors).toEqual([
      ...Object.keys(PUBLIC_ANSWERS).map((error) => ['401', error]),
      ['403', 'unknown_route'],
      ['503', 'unavailable'],
    ]);
  });

  it('has JavaScript that is JavaScript', () => {
    const [code = ''] = codeBlocks(PAGE, 'js');
    const file = join(folder, 'sample.mjs');
    writeFileSync(file, code);
    expect(code).toContain('Authorization');
    expect(() => execFileSync(process.execPath, ['--check', file], { stdio: 'pipe' })).not.toThrow();
  });
});
