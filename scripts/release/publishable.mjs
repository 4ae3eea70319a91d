// What must hold before anything is published. npm runs this file before `npm publish` of a folder.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Stands in package.json until the repository has an address. */
const PLACEHOLDER = '/OWNER/';

/**
 * @typedef {object} Published
 * @property {{ version: string, repository: { url: string } }} manifest package.json
 * @property {string} template template.yaml
 * @property {string} changelog CHANGELOG.md
 */

/** @returns {Published} */
export function readPublished() {
  return {
    manifest: JSON.parse(readFileSync('package.json', 'utf8')),
    template: readFileSync('template.yaml', 'utf8'),
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
  };
}

/**
 * What doesn't agree, at any commit: the versions of the three files.
 *
 * @param {Published} published
 * @returns {readonly string[]}
 */
export function disagreements({ manifest: { version }, template, changelog }) {
  const others = {
    'template.yaml has SemanticVersion': /^ {4}SemanticVersion: (\S+)$/m.exec(template)?.[1],
    'CHANGELOG.md begins with': newest(changelog)?.version,
  };
  return Object.entries(others).flatMap(([where, found]) =>
    found === version ? [] : [`package.json has version ${version}, but ${where} ${found ?? 'none'}`],
  );
}

/**
 * Why a release is refused.
 *
 * @param {Published} published
 * @returns {readonly string[]}
 */
export function refusals(published) {
  const { manifest, changelog } = published;
  const entry = newest(changelog);
  const found = [...disagreements(published)];
  if (manifest.repository.url.includes(PLACEHOLDER)) {
    found.push(`package.json has the repository ${manifest.repository.url}: put the real address for it`);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(entry?.when ?? '')) {
    found.push(`CHANGELOG.md has (${entry?.when}) beside ${entry?.version}: put the day of the release for it`);
  }
  if (!/^Table format: \d+\b/m.test(entry?.text ?? '')) {
    found.push(`CHANGELOG.md doesn't say the table format of ${entry?.version}`);
  }
  return found;
}

/** @param {string} changelog */
function newest(changelog) {
  const [, version, when, text] = /^## (\S+) \((.+)\)\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog) ?? [];
  return version === undefined ? undefined : { version, when, text };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = existsSync('package.json') ? refusals(readPublished()) : ['run it at the root of the repository'];
  for (const one of found) process.stderr.write(`not published: ${one}\n`);
  if (found.length > 0) process.exitCode = 1;
}
