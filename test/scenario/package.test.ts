import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, readText } from '../docs/markdown.ts';
import {
  importAll,
  installedGatepass,
  MODULES,
  packInto,
  ROOT,
  requireAll,
  typecheck,
  unpackBesideDependencies,
} from '../support/consumer.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatepass-package-'));

beforeAll(async () => unpackBesideDependencies(await packInto(folder), folder));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the package, beside its production dependencies alone', () => {
  const installed = join(folder, 'node_modules/gatepass');

  it('holds the tool, the libraries and what is deployed, and nothing of what only this repository runs', () => {
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'template.yaml']);
    const built = readdirSync(join(ROOT, 'dist')).filter((name) => name !== 'local');
    expect(readdirSync(join(installed, 'dist'))).toEqual(built);
  });

  it('holds the code of every function that its template deploys', () => {
    const template = readFileSync(join(installed, 'template.yaml'), 'utf8');
    const folders = [...template.matchAll(/^ +CodeUri: (\S+)$/gm)].map(([, path = '']) => path);
    expect(folders.length).toBeGreaterThan(2);
    for (const path of folders) expect(existsSync(join(installed, path, 'index.mjs')), path).toBe(true);
  });

  it('has a tool that starts', async () => {
    const { status, out } = await installedGatepass(folder, '--help');
    expect(out).toMatch(/^Usage: gatepass /);
    expect(status).toBe(0);
  });

  it('has no local table: --local is wrong usage there, and says what it needs', async () => {
    const { status, out } = await installedGatepass(folder, 'users', 'list', '--local');
    expect(out).toBe(
      'gatepass: --local works in a checkout of Gatepass after "npm ci". Elsewhere give --table NAME.\n',
    );
    expect(status).toBe(2);
  });

  it('has libraries that can be imported', async () => {
    const counts = await importAll(folder);
    expect(Object.keys(counts)).toEqual(MODULES);
    for (const name of MODULES) expect(counts[name], name).toBeGreaterThan(0);
  });

  it('has libraries that can be required', async () => {
    expect(await requireAll(folder)).toEqual(await importAll(folder));
  });

  it.each(['nodenext', 'bundler'] as const)('typechecks in a program of moduleResolution %s', async (resolution) => {
    expect(await typecheck(folder, resolution)).toBe('');
  });

  it('typechecks in a CommonJS program', async () => {
    expect(await typecheck(folder, 'nodenext', { type: 'commonjs' })).toBe('');
  });

  it('typechecks in the programs that the pages show', async () => {
    const [backend = ''] = codeBlocks(readText('docs/backends.md'), 'ts');
    const [dashboard = '', start = ''] = codeBlocks(readText('docs/dashboards.md'), 'ts');
    const session = 'declare function session(request: object): { readonly sub: string } | undefined;\n';
    const files = { 'backend.ts': backend, 'dashboard.ts': dashboard, 'start.ts': session + start };
    expect(await typecheck(folder, 'nodenext', { files })).toBe('');
  });
});
