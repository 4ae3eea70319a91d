import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a checkout without git has beside the repository. */
const NOT_OURS = /^(node_modules|dist|coverage|\.cache|\.gatepass|\.release|\.aws-sam|\.venv-.*|.*\.log)$/;

/** Every file of the repository, by its path from the root: what git knows, and not what else lies about. */
export function repositoryFiles(): readonly string[] {
  const { status, stdout } = spawnSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0
    ? stdout
        .trimEnd()
        .split('\n')
        .filter((path) => existsSync(join(ROOT, path)))
    : filesBelow(ROOT);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [relative(ROOT, path)] : [];
  });
}

export const PAGES = repositoryFiles().filter((file) => file.endsWith('.md'));

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** What stands below a heading, up to the next one of its level or a higher one. */
export function section(markdown: string, heading: string): string {
  const level = heading.indexOf(' ');
  const lines = withoutFences(markdown).split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  const rest = lines.slice(start + 1).findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  const end = rest < 0 ? lines.length : start + 1 + rest;
  return markdown
    .split('\n')
    .slice(start + 1, end)
    .join('\n');
}

/** The same lines, with those inside fences left empty. */
function withoutFences(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''));
}

export type Row = Readonly<Record<string, string>>;

/** The rows of every table in a text, by the names of their columns; backticks around a whole cell are left out. */
export function tableRows(markdown: string): readonly Row[] {
  const rows: Row[] = [];
  let names: readonly string[] | undefined;
  for (const line of withoutFences(markdown).split('\n')) {
    if (!line.startsWith('|')) names = undefined;
    else if (names === undefined) names = cells(line);
    else if (!/^\|[\s|:-]+\|$/.test(line)) rows.push(toRow(names, cells(line)));
  }
  return rows;
}

function cells(line: string): readonly string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'));
}

function toRow(names: readonly string[], values: readonly string[]): Row {
  if (values.length !== names.length) throw new Error(`A row has ${values.length} cells: ${values.join(' | ')}`);
  return Object.fromEntries(names.map((name, column) => [name, values[column] ?? '']));
}

/** The contents of the fenced blocks of a language. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code = '']) => code);
}

/** Where a page's links lead, and its images. */
export function links(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The names by which a page's headings can be linked to, as code hosts make them. */
export function anchors(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
