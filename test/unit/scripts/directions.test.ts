import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHECK = join(ROOT, 'scripts/directions.mjs');

/** A tree in which each layer is there and all imports go the right way. */
const GOOD: Readonly<Record<string, string>> = {
  'src/decision.ts': 'export const a = 1;',
  'src/fault.ts': 'export const a = 1;',
  'src/deadline.ts': "import { a } from './fault.ts';",
  'src/config/config.ts': "import * as v from 'valibot';\nimport { a } from '../fault.ts';",
  'src/key-format/format.ts': 'export const a = 1;',
  'src/authorizer/gateway/event.ts': "import { a } from '../../fault.ts';",
  'src/authorizer/api-key/authenticate.ts':
    "import type { a } from '../../decision.ts';\nimport { b } from '../../table/store.ts';",
  'src/bearer/authenticate.ts': "import { x } from 'aws-jwt-verify/jwt';\nimport { a } from '../decision.ts';",
  'src/table/store.ts': "import { x } from '@aws-sdk/lib-dynamodb';\nimport { a } from '../fault.ts';",
  'src/authorizer/observe/log.ts': "import { a } from '../../decision.ts';",
  'src/authorizer/authorizer.ts':
    "import { a } from './gateway/event.ts';\nimport { b } from '../bearer/authenticate.ts';",
  'src/authorizer/handler.ts': "import { a } from './authorizer.ts';\nimport { b } from '../config/config.ts';",
  'src/accounts/keys.ts': "import { x } from '@aws-sdk/lib-dynamodb';\nimport { a } from '../table/store.ts';",
  'src/caller/index.ts': "import { a } from './context.ts';",
  'src/caller/context.ts': 'export const a = 1;',
  'src/cli/index.ts': "import { x } from 'commander';\nconst y = await import('../local/table.ts');",
  'src/local/table.ts': "import { a } from '../accounts/keys.ts';",
  'scripts/build.mjs': "import { build } from 'esbuild';",
};

/** For each rule, files that break it; each alone must be found. */
const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'what a decision is knows nothing of how it is made': {
    'src/decision.ts': "import { a } from './table/store.ts';",
    'src/fault.ts': "import { a } from './decision.ts';",
  },
  'keys and tokens do not know each other': {
    'src/authorizer/api-key/state.ts': "import { a } from '../../bearer/authenticate.ts';",
    'src/bearer/claims.ts': "import { a } from '../authorizer/api-key/authenticate.ts';",
    'src/authorizer/api-key/hash.ts': "import { a } from '../gateway/event.ts';",
    'src/bearer/jwks.ts': "import { a } from '../key-format/format.ts';",
  },
  'reading and rendering decide nothing': {
    'src/authorizer/gateway/policy.ts': "import { a } from '../../table/store.ts';",
    'src/authorizer/gateway/credentials.ts': "import { a } from '../api-key/authenticate.ts';",
  },
  'the bundle must not carry it': {
    'src/authorizer/handler.ts': "import { a } from '../accounts/keys.ts';",
    'src/authorizer/authorizer.ts': "import { a } from '../local/table.ts';",
    'src/table/items.ts': "import { a } from '../cli/index.ts';",
    'src/bearer/keys.ts': "import { a } from '../doctor/ask.ts';",
    'src/authorizer/observe/metrics.ts': "import { a } from '../../caller/context.ts';",
  },
  'only table/ knows the AWS SDK': {
    'src/authorizer/authorizer.ts': "import { a } from '@aws-sdk/client-dynamodb';",
    'src/bearer/fetch.ts': "import { a } from '@smithy/node-http-handler';",
  },
  'only bearer/ knows aws-jwt-verify': {
    'src/authorizer/authorizer.ts': "import { a } from 'aws-jwt-verify';",
    'src/accounts/tokens.ts': "import { a } from 'aws-jwt-verify/jwt';",
  },
  'a function runs no tool': {
    'src/accounts/local.ts': "import { a } from '../local/table.ts';",
    'src/keycloak/local.ts': "const a = await import('../local/table.ts');",
    'src/sync/print.ts': "import { a } from '../cli/index.ts';",
  },
  'the library does not know the authorizer': {
    'src/accounts/decide.ts': "import { a } from '../bearer/authenticate.ts';",
  },
  'the doctor does not know the tool': {
    'src/doctor/check.ts': "import { a } from '../cli/index.ts';",
    'src/doctor/ask.ts': "import { a } from '../authorizer/handler.ts';",
  },
  'the tools share terminal/': {
    'src/local/print.ts': "import { a } from '../cli/index.ts';",
    'src/terminal/format.ts': "import { a } from '../cli/index.ts';",
  },
  'getCaller has no dependencies': {
    'src/caller/user.ts': "import { a } from '../decision.ts';",
    'src/caller/parse.ts': "import * as v from 'valibot';",
  },
};

const trees: string[] = [];

afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});

/** Runs the check in a new folder that holds these files. */
function checkTree(files: Readonly<Record<string, string>>) {
  const tree = mkdtempSync(join(tmpdir(), 'gatepass-direction-'));
  trees.push(tree);
  for (const folder of ['src', 'scripts']) mkdirSync(join(tree, folder));
  for (const [file, code] of Object.entries(files)) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    writeFileSync(join(tree, file), `${code}\n`);
  }
  return check(tree);
}

function check(cwd: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK], { cwd, encoding: 'utf8' });
  return { status, stdout, violations: stderr.split('\n').filter(Boolean) };
}

describe('the check of the direction of dependencies', () => {
  it('passes on this repository', () => {
    const { status, stdout, violations } = check(ROOT);
    expect(violations).toStrictEqual([]);
    expect(stdout).toMatch(/^directions: [1-9]\d+ files, 0 imports the wrong way\n$/);
    expect(status).toBe(0);
  });

  it('passes on a small tree in which all goes the right way', () => {
    expect(checkTree(GOOD)).toStrictEqual({
      status: 0,
      stdout: `directions: ${Object.keys(GOOD).length} files, 0 imports the wrong way\n`,
      violations: [],
    });
  });

  it.each(Object.entries(BROKEN))('fails, and names the file, when this is broken: %s', (why, files) => {
    const { status, violations } = checkTree({ ...GOOD, ...files });
    for (const file of Object.keys(files)) {
      expect(violations).toContainEqual(expect.stringMatching(new RegExp(`^${file} imports .*: ${why}$`)));
    }
    expect(status).toBe(1);
  });

  it('has each of its rules broken here', () => {
    const rules = [...readFileSync(CHECK, 'utf8').matchAll(/\bwhy: '([^']+)'/g)].map(([, why]) => why);
    expect(rules.length).toBeGreaterThan(0);
    expect(new Set(rules)).toStrictEqual(new Set(Object.keys(BROKEN)));
  });

  it.each([
    ['an import of a type', "import type { a } from '../../accounts/keys.ts';"],
    ['an import over several lines', "import {\n  a,\n  b,\n} from '../../accounts/keys.ts';"],
    ['an import for its effects', "import '../../accounts/keys.ts';"],
    ['an export from', "export { a } from '../../accounts/keys.ts';"],
    ['an export of everything', "export * from '../../accounts/keys.ts';"],
    ['an import where it is needed', "export async function f() {\n  await import('../../accounts/keys.ts');\n}"],
    ['an import by a roundabout path', "import { a } from '../gateway/../../accounts/keys.ts';"],
  ])('sees %s', (_, code) => {
    const { violations } = checkTree({ ...GOOD, 'src/authorizer/gateway/event.ts': code });
    expect(violations).toStrictEqual([
      'src/authorizer/gateway/event.ts imports src/accounts/keys.ts: the bundle must not carry it',
    ]);
  });

  it('fails on files that import each other, however far around', () => {
    const { status, violations } = checkTree({
      ...GOOD,
      'src/authorizer/api-key/a.ts': "import { b } from './b.ts';",
      'src/authorizer/api-key/b.ts': "import { c } from './c.ts';",
      'src/authorizer/api-key/c.ts': "import type { a } from './a.ts';",
    });
    expect(violations).toStrictEqual([
      'a cycle: src/authorizer/api-key/a.ts -> src/authorizer/api-key/b.ts -> src/authorizer/api-key/c.ts -> src/authorizer/api-key/a.ts',
    ]);
    expect(status).toBe(1);
  });

  it('fails where it finds no files at all, since it would pass for nothing', () => {
    expect(checkTree({})).toMatchObject({ status: 1, violations: [] });
  });
});
