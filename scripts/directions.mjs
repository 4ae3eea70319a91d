// Which way the code depends (docs/architecture.md): `npm run check` fails on an import that goes another way.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const AUTHORIZER = String.raw`src/((decision|deadline|fault|log-line)\.ts|(authorizer|config|key-format|bearer|table)/)`;

/** What may not import what. A target is a file of the repository or the name of a package. */
const RULES = [
  { why: 'what a decision is knows nothing of how it is made', from: 'src/(decision|fault).ts', to: 'src/' },
  {
    why: 'keys and tokens do not know each other',
    from: 'src/authorizer/api-key/',
    to: 'src/(bearer|authorizer/(gateway|observe))/',
  },
  { why: 'keys and tokens do not know each other', from: 'src/bearer/', to: 'src/(authorizer|key-format)/' },
  {
    why: 'reading and rendering decide nothing',
    from: 'src/authorizer/gateway/',
    to: 'src/(bearer|table|authorizer/(api-key|observe))/',
  },
  {
    why: 'the bundle must not carry it',
    from: AUTHORIZER,
    to: '(src/(accounts|sync|keycloak|cli|local|smoke|caller|doctor|terminal)|infra|scripts)/',
  },
  { why: 'only table/ knows the AWS SDK', from: AUTHORIZER, to: '(@aws-sdk|@smithy)/', except: 'src/table/' },
  { why: 'only bearer/ knows aws-jwt-verify', from: 'src/', to: 'aws-jwt-verify', except: 'src/bearer/' },
  {
    why: 'a function runs no tool',
    from: 'src/(accounts|sync|keycloak|caller)/',
    to: 'src/(cli|local|smoke|doctor|terminal)/',
  },
  { why: 'the library does not know the authorizer', from: 'src/accounts/', to: 'src/(authorizer|bearer)/' },
  { why: 'the doctor does not know the tool', from: 'src/doctor/', to: 'src/(cli/|authorizer/(observe/|handler))' },
  { why: 'the tools share terminal/', from: 'src/(local|smoke|terminal)/', to: 'src/cli/' },
  { why: 'getCaller has no dependencies', from: 'src/caller/', to: '(?!src/caller/)' },
];

/** @type {Map<string, string[]>} */
const imports = new Map();
for (const file of ['src', 'infra', 'scripts'].filter((folder) => existsSync(folder)).flatMap(filesBelow)) {
  const code = readFileSync(file, 'utf8');
  const targets = [...code.matchAll(/(?:^(?:import|export)\b[^;]*?\bfrom |^import |\bimport\()'([^']+)'/gm)];
  imports.set(
    file,
    targets.map(([, target = '']) => (target.startsWith('.') ? normalize(join(dirname(file), target)) : target)),
  );
}

const violations = [...imports].flatMap(([file, targets]) =>
  RULES.filter((rule) => matches(rule.from, file) && !(rule.except && matches(rule.except, file))).flatMap((rule) =>
    targets.filter((target) => matches(rule.to, target)).map((target) => `${file} imports ${target}: ${rule.why}`),
  ),
);
violations.push(...findCycles());

for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stdout.write(`directions: ${imports.size} files, ${violations.length} imports the wrong way\n`);
if (violations.length > 0 || imports.size === 0) process.exitCode = 1;

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !/(^|[/\\])node_modules[/\\]|^attach[/\\]/.test(name))
    .map((name) => join(folder, name));
}

/**
 * @param {string} pattern
 * @param {string} path
 */
function matches(pattern, path) {
  return new RegExp(`^${pattern}`).test(path);
}

/** Files that import each other, however far around. */
function findCycles() {
  /** @type {string[]} */
  const found = [];
  const done = new Set();
  /** @type {(file: string, path: readonly string[]) => void} */
  function visit(file, path) {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`a cycle: ${[...path.slice(start), file].join(' -> ')}`);
    if (start >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  }
  for (const file of imports.keys()) visit(file, []);
  return found;
}
