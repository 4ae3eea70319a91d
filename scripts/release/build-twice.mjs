// Builds and packs what is checked out twice, in two folders, and compares all of it byte for byte.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** All that the build and the package are made of, beside node_modules. */
const SOURCES = [
  ...['src', 'scripts', 'tsconfig.json', 'tsconfig.lib.json'],
  ...['package.json', 'template.yaml', 'README.md', 'LICENSE'],
];

/**
 * @param {string} target the folder for the tarball
 * @returns {string} the tarball's path
 */
export function packTwice(target) {
  const work = mkdtempSync(join(tmpdir(), 'gatepass-release-'));
  try {
    // Of different depth and length: a path that gets into the output differs.
    const [one, other] = [buildIn(join(work, 'one')), buildIn(join(work, 'another/folder'))];
    const differing = compare(one.folder, other.folder);
    if (differing.length > 0) throw new Error(`Two builds of the same sources differ in ${differing.join(', ')}`);
    mkdirSync(target, { recursive: true });
    const tarball = join(target, one.tarball);
    cpSync(join(one.folder, one.tarball), tarball);
    return tarball;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function buildIn(folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of SOURCES) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json'], { cwd: folder, encoding: 'utf8' });
  return { folder, tarball: String(JSON.parse(packed)[0].filename) };
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {readonly string[]} the paths of files that differ, or that only one folder has
 */
export function compare(one, other) {
  const paths = new Set([...filesOf(one), ...filesOf(other)]);
  return [...paths].filter((path) => contentOf(join(one, path)) !== contentOf(join(other, path))).sort();
}

/** @param {string} folder */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** @param {string} path */
function contentOf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
