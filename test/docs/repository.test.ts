import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCases } from '../../src/local/cases.ts';
import { anchors, codeBlocks, links, PAGES, ROOT, readText, repositoryFiles } from './markdown.ts';

describe.each(PAGES)('%s', (page) => {
  const text = readText(page);

  it('has only links that lead somewhere', () => {
    const broken = links(text).filter((link) => {
      if (/^https:\/\//.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(readText(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('has JSON samples that parse', () => {
    for (const sample of codeBlocks(text, 'json')) expect(() => JSON.parse(sample)).not.toThrow();
  });

  it('has no semicolon or tag in a diagram, where they end a line or vanish', () => {
    for (const diagram of codeBlocks(text, 'mermaid')) expect(diagram).not.toMatch(/;|<[a-z]/);
  });

  it('is wrapped at 120 columns, but for tables, links and quoted errors', () => {
    const long = text.split('\n').filter((line) => line.length > 120 && !/^\||^Error: `|\]\(https?:|^\S+$/.test(line));
    expect(long).toEqual([]);
  });
});

describe('the repository', () => {
  // Put together here, so that this file doesn't hold them.
  const elsewhere = [['..', 'shared'].join('/'), `.${'library'}`, ['', 'work', 'main'].join('/')];

  it('speaks of nothing outside itself', () => {
    const pointing = repositoryFiles().filter((file) => {
      const text = readText(file);
      return elsewhere.some((word) => text.includes(word));
    });
    expect(pointing).toEqual([]);
  });

  it('has a case of its own name for each sample event', () => {
    const cases = readCases();
    const events = repositoryFiles().flatMap(
      (file) => /^events\/(?!cases\.json)(.+)\.json$/.exec(file)?.slice(1) ?? [],
    );
    expect(events.length).toBeGreaterThan(0);
    expect(events.filter((event) => !cases.some(({ name, event: of }) => name === event && of === event))).toEqual([]);
  });

  it('lists every decision record', () => {
    const records = PAGES.filter((page) => /^docs\/adr\/\d{4}-/.test(page)).map((page) =>
      page.slice('docs/adr/'.length),
    );
    expect(records.length).toBeGreaterThan(0);
    expect(links(readText('docs/adr/README.md'))).toEqual(records.sort());
  });
});
