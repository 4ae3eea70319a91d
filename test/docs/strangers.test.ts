import { describe, expect, it } from 'vitest';
import { codeBlocks, PAGES, readText, repositoryFiles } from './markdown.ts';

// What a registry has under a name that is not installed here is a stranger's program: nothing tells readers to run it.

/** Texts that people paste from: pages, help texts and messages, comments of templates. Decision records tell what not. */
const PASTED = repositoryFiles().filter(
  (file) => /\.(md|ts|mjs|ya?ml|sh|tf)$/.test(file) && !/^test\/|^docs\/adr\/|-lock\.json$/.test(file),
);

/** Ways to run or install a package by its name; a pinned version of a package that is meant is good. */
const BY_NAME = [
  /\bnpx (?!aws-cdk@\d)\S+/g,
  /\b(?:npm (?:exec|x|create|init)|pnpx|pnpm dlx|yarn dlx|bunx)\b.*/g,
  /\b(?:npm (?:install|i|add)|pnpm add|yarn add) (?:-\S+ )*gatepass\b/g,
];

/** Where a page warns of it. */
const WARNING = /don't say\s`npx gatepass`/;

describe('no text has its reader run a stranger’s program', () => {
  it.each(BY_NAME.map((pattern) => [pattern]))('by %s', (pattern) => {
    const found = PASTED.flatMap((file) =>
      (readText(file).replace(WARNING, '').match(pattern) ?? []).map((text) => `${file}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('and each command to paste runs the file of this checkout', () => {
    const commands = PAGES.flatMap((page) =>
      [
        ...codeBlocks(readText(page), 'sh')
          .join('')
          .matchAll(/(\S*gatepass) (?:users|keys|usage|import|sync|explain|doctor|init)\b/g),
      ].map(([, program = '']) => ({ page, program })),
    );
    expect(commands.length).toBeGreaterThan(20);
    expect(commands.filter(({ program }) => !/^(\S*\()?"?\.\/gatepass$/.test(program))).toEqual([]);
  });
});
