// Who may import whom in src/ (docs/architecture.md). `npm run check` fails on an import that isn't in this list.
// Cycles are the linter's (noImportCycles in biome.json).
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const TABLE_SDK = ['@aws-sdk', '@smithy'];
const BENEATH_ALL = ['profile.ts', 'decision.ts', 'fault.ts', 'deadline.ts', 'seconds.ts'];

/**
 * For each part of src/, a file or a folder: what else it may import, parts and packages, and why no more. A file
 * belongs to the longest name that fits; Node's own modules are open to all but caller/.
 *
 * @type {Readonly<Record<string, { readonly may: readonly string[], readonly why: string }>>}
 */
const PARTS = {
  'decision.ts': { may: ['profile.ts'], why: 'what a decision is knows nothing of how it is made' },
  'fault.ts': { may: [], why: 'what a fault is knows nothing of who throws it' },
  'redact.ts': { may: ['key-format'], why: 'what looks like a credential does so wherever it stands' },
  'log-line.ts': { may: ['redact.ts'], why: 'a line of a log knows nothing of what is logged' },
  'deadline.ts': { may: ['decision.ts', 'fault.ts'], why: 'a time limit knows nothing of what it cuts off' },
  'connection-error.ts': { may: [], why: 'why nothing answers knows nothing of who asked' },
  'coded-error.ts': { may: ['redact.ts'], why: 'what an error is knows nothing of who throws it' },
  'profile.ts': { may: [], why: 'what is told of a user knows nothing of who tells it' },
  'user-agent.ts': { may: ['package.json'], why: 'who asks a realm knows nothing of what is asked' },
  'pool.ts': { may: [], why: 'work at the same time knows nothing of what is done' },
  'networks.ts': { may: [], why: 'a network knows nothing of who comes from it' },
  'rsa-key.ts': { may: [], why: 'a new key knows nothing of what it signs' },
  'seconds.ts': { may: [], why: 'a moment knows nothing of what happens then' },
  'key-format': { may: [], why: 'the grammar of keys is beneath all who read or make keys' },
  config: { may: ['fault.ts', 'key-format'], why: 'what a variable may be knows nothing of its use' },
  table: {
    may: [...BENEATH_ALL, 'key-format', 'user-agent.ts', 'valibot', ...TABLE_SDK],
    why: 'the table holds items and decides nothing',
  },

  bearer: {
    may: [...BENEATH_ALL, 'table', 'user-agent.ts'],
    why: 'tokens know nothing of keys, and no other knows JWTs',
  },
  'authorizer/api-key': { may: [...BENEATH_ALL, 'key-format', 'table'], why: 'keys know nothing of tokens' },
  'authorizer/gateway': {
    may: ['decision.ts', 'fault.ts', 'profile.ts', 'seconds.ts', 'key-format', 'aws-lambda'],
    why: 'reading and rendering decide nothing and ask nobody',
  },
  'authorizer/observe': {
    may: ['decision.ts', 'fault.ts', 'log-line.ts', 'networks.ts', 'redact.ts', 'seconds.ts'],
    why: 'the log tells of decisions and takes no part in them',
  },
  authorizer: {
    may: [
      ...['authorizer/api-key', 'authorizer/gateway', 'authorizer/observe', 'bearer', 'config', 'key-format', 'table'],
      ...[...BENEATH_ALL, 'redact.ts', 'aws-lambda'],
    ],
    why: "the function's bundle carries what decides and no more",
  },

  keycloak: {
    may: [
      ...[
        'bearer',
        'coded-error.ts',
        'connection-error.ts',
        'config',
        'decision.ts',
        'pool.ts',
        'profile.ts',
        'user-agent.ts',
        'valibot',
      ],
      '@keycloak/keycloak-admin-client',
    ],
    why: 'the client of the Admin API knows nothing of accounts',
  },
  accounts: {
    may: [
      'coded-error.ts',
      'decision.ts',
      'profile.ts',
      'seconds.ts',
      'key-format',
      'redact.ts',
      'table',
      'valibot',
      'csv-parse',
      '@zxcvbn-ts',
    ],
    why: 'users and keys know nothing of who decides, of Keycloak, or of the commands',
  },
  sync: {
    may: [
      ...['accounts', 'bearer', 'config', 'decision.ts', 'fault.ts', 'keycloak', 'log-line.ts', 'table', 'valibot'],
      ...['coded-error.ts', 'pool.ts', 'profile.ts', 'seconds.ts', '@aws-sdk/client-secrets-manager'],
    ],
    why: 'a function runs no tool and no other function',
  },
  'usage/watch.ts': {
    may: ['config', 'decision.ts', 'usage', '@aws-sdk/client-sns'],
    why: 'whom it is told to knows nothing of what is written',
  },
  usage: {
    may: [
      ...['config', 'decision.ts', 'key-format', 'log-line.ts', 'pool.ts', 'seconds.ts', 'table', 'usage/watch.ts'],
      'valibot',
    ],
    why: 'what a log feeds knows nothing of keys and accounts',
  },
  'self-service/key-view.ts': { may: [], why: 'what a key looks like is known to the function and its page' },
  'self-service/page': {
    may: ['self-service/key-view.ts', 'preact', 'preact/hooks', 'oauth4webapi'],
    why: 'the page runs in a browser and knows the API alone',
  },
  'self-service': {
    may: [
      ...['self-service/key-view.ts', 'accounts', 'caller', 'config', 'key-format', 'log-line.ts', 'seconds.ts'],
      ...['table', 'usage/reader.ts', 'user-agent.ts', 'valibot', 'aws-lambda'],
    ],
    why: 'a function runs no tool and no other function',
  },
  logout: {
    may: [...['bearer', 'config', 'deadline.ts', 'decision.ts', 'fault.ts', 'log-line.ts', 'table', 'aws-lambda']],
    why: 'a function runs no tool and no other function',
  },
  caller: { may: [], why: 'getCaller has no dependencies' },

  terminal: {
    may: ['redact.ts', 'seconds.ts', 'commander', 'string-width'],
    why: 'what any command shows and asks is beneath all of them',
  },
  doctor: {
    may: [
      ...['authorizer/assemble.ts', 'authorizer/api-key', 'authorizer/gateway', 'bearer', 'config'],
      ...['key-format', 'keycloak', 'table'],
      ...[...BENEATH_ALL, 'connection-error.ts', 'terminal'],
    ],
    why: "the doctor asks by the authorizer's own code and knows no command",
  },
  cli: {
    may: [
      ...[
        'accounts',
        'authorizer/api-key',
        'bearer',
        'config',
        'deadline.ts',
        'decision.ts',
        'doctor',
        'fault.ts',
        'key-format',
        'keycloak',
        'sync',
        'table',
        'usage',
        '@aws-sdk/client-cloudwatch-logs',
      ],
      ...['coded-error.ts', 'profile.ts', 'redact.ts', 'seconds.ts', 'terminal', 'commander', 'smol-toml', 'valibot'],
      ...['local/kept-table.ts', 'local/local-parts.ts', 'package.json'],
    ],
    why: 'the packed command has nothing of the local parts, but for what is loaded only in a checkout',
  },
  local: {
    may: [
      ...[
        'authorizer/handler.ts',
        'accounts',
        'config',
        'decision.ts',
        'fault.ts',
        'key-format',
        'networks.ts',
        'table',
        'terminal',
      ],
      ...['aws-lambda', 'commander', 'classic-level', 'dynalite', 'jose', 'valibot', 'velocityjs', 'yaml'],
      ...['rsa-key.ts', 'seconds.ts'],
    ],
    why: 'the local parts run the built bundle and know no gatepass command',
  },
  smoke: {
    may: ['bearer', 'decision.ts', 'key-format', 'redact.ts', 'rsa-key.ts', 'terminal', 'commander'],
    why: 'the smoke test sees a stage from outside',
  },
};

const names = Object.keys(PARTS).sort((a, b) => b.length - a.length);
/** @type {string[]} */
const violations = [];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
for (const file of files.map((name) => join('src', name))) {
  const part = partOf(file);
  if (part === undefined) violations.push(`${file} is in no part of src/ that scripts/directions.mjs knows`);
  for (const target of new Set(importsOf(file))) {
    if (part === undefined || isAllowed(part, target)) continue;
    violations.push(`${file} imports ${target}: ${PARTS[part]?.why}`);
  }
}

for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stdout.write(`directions: ${files.length} files, ${violations.length} imports the wrong way\n`);
if (violations.length > 0 || files.length === 0) process.exitCode = 1;

/**
 * The files and packages that a file imports: by type, for its effects, over several lines, or when it runs.
 *
 * @param {string} file
 */
function importsOf(file) {
  const found = readFileSync(file, 'utf8').matchAll(
    /(?:^(?:import|export)\b[^;]*?\bfrom |^import |\bimport\()'([^']+)'/gm,
  );
  return [...found].map(([, to = '']) => (to.startsWith('.') ? normalize(join(dirname(file), to)) : to));
}

/** @param {string} file */
function partOf(file) {
  return names.find((name) => isWithin(file, `src/${name}`));
}

/**
 * @param {string} part
 * @param {string} target
 */
function isAllowed(part, target) {
  if (target.startsWith('node:')) return part !== 'caller';
  if (!target.startsWith('src/')) return PARTS[part]?.may.some((name) => isWithin(target, name));
  const own = partOf(target);
  return own === part || PARTS[part]?.may.some((name) => name === own || target === `src/${name}`);
}

/**
 * @param {string} path
 * @param {string} folder
 */
function isWithin(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}
