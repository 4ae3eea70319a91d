import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IN_THE_PAGE, onlyReleased } from '../../../scripts/release/bill-of-materials.mjs';
import { compare } from '../../../scripts/release/build-twice.mjs';
import { disagreements, readPublished, refusals } from '../../../scripts/release/publishable.mjs';

const good = {
  manifest: { version: '1.2.3', repository: { url: 'git+https://example.com/team/gatepass.git' } },
  template: 'Metadata:\n  AWS::ServerlessRepo::Application:\n    SemanticVersion: 1.2.3\n',
  changelog: '# Changelog\n\n## 1.2.3 (2026-12-01)\n\nTable format: 1.\n\n## 1.2.2 (2026-11-01)\n',
};

describe('a release', () => {
  it('goes ahead where versions, address, day and table format are there', () => {
    expect(refusals(good)).toEqual([]);
  });

  it.each([
    [
      'another version in the template',
      { template: good.template.replace('1.2.3', '1.2.2') },
      /SemanticVersion 1\.2\.2/,
    ],
    ['no version in the template', { template: '' }, /SemanticVersion none/],
    [
      'no entry of its own in the changelog',
      { changelog: good.changelog.replace('1.2.3', '1.2.2') },
      /begins with 1\.2\.2/,
    ],
    ['another version in package.json', { manifest: { ...good.manifest, version: '1.2.4' } }, /version 1\.2\.4/],
  ])('is refused for %s, and so is the commit', (_, change, message) => {
    const changed = { ...good, ...change };
    expect(disagreements(changed).join()).toMatch(message);
    expect(refusals(changed).join()).toMatch(message);
  });

  it.each([
    [
      'the placeholder of its address',
      { manifest: { ...good.manifest, repository: { url: 'git+https://h/OWNER/x' } } },
      /OWNER/,
    ],
    ['an entry without a day', { changelog: good.changelog.replace('2026-12-01', 'not released') }, /not released/],
    [
      'an entry without the table format',
      { changelog: good.changelog.replace('Table format', 'Table') },
      /table format/,
    ],
  ])('is refused for %s, where the commit is good', (_, change, message) => {
    const changed = { ...good, ...change };
    expect(disagreements(changed)).toEqual([]);
    expect(refusals(changed).join()).toMatch(message);
  });

  it('of this commit has one version', () => {
    expect(disagreements(readPublished())).toEqual([]);
  });
});

describe('two builds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-compare-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('differ in a byte of a file, and in a file that one lacks', () => {
    for (const name of ['one', 'other']) {
      mkdirSync(join(folder, name, 'deep'), { recursive: true });
      writeFileSync(join(folder, name, 'deep/same'), 'same');
    }
    expect(compare(join(folder, 'one'), join(folder, 'other'))).toEqual([]);
    writeFileSync(join(folder, 'one/deep/changed'), Buffer.from([0xff]));
    writeFileSync(join(folder, 'other/deep/changed'), Buffer.from([0xfe]));
    writeFileSync(join(folder, 'other/more'), '');
    expect(compare(join(folder, 'one'), join(folder, 'other'))).toEqual(['deep/changed', 'more']);
  });
});

describe('the bill of materials', () => {
  const development = [{ name: 'cdx:npm:package:development', value: 'true' }];

  it('has what is installed and what is in the page, and no tool', () => {
    const bill = onlyReleased({
      metadata: { component: { name: 'some-folder' } },
      components: [
        { name: 'valibot', 'bom-ref': 'valibot@1', properties: [] },
        { name: 'preact', 'bom-ref': 'preact@1', properties: development },
        { name: 'vitest', 'bom-ref': 'vitest@1', properties: development },
        { name: 'typescript', 'bom-ref': 'typescript@1', scope: 'optional' },
      ],
      dependencies: [
        { ref: 'gatepass@1', dependsOn: ['valibot@1', 'preact@1', 'vitest@1', 'typescript@1'] },
        { ref: 'vitest@1', dependsOn: ['valibot@1'] },
      ],
    });
    expect(bill.components.map(({ name }) => name)).toEqual(['valibot', 'preact']);
    expect(bill.dependencies).toEqual([{ ref: 'gatepass@1', dependsOn: ['valibot@1', 'preact@1'] }]);
    expect(bill.metadata.component.name).toBe('gatepass');
  });

  it('knows every package that the page has in it', () => {
    const page = 'src/self-service/page';
    const files = readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    const imported = files.flatMap((name) => [
      ...readFileSync(join(page, name), 'utf8').matchAll(/from '((?:@[\w-]+\/)?[a-z][\w-]*)[^']*'/g),
    ]);
    expect([...new Set(imported.map(([, name]) => name))].sort()).toEqual([...IN_THE_PAGE].sort());
  });
});
