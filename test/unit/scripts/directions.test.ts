import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHECK = join(ROOT, 'scripts/directions.mjs');

/** An import that goes the wrong way, for each part of src/ and each rule that matters there. */
const WRONG: readonly (readonly [file: string, target: string])[] = [
  ['decision.ts', '../src/table/store.ts'],
  ['fault.ts', './decision.ts'],
  ['deadline.ts', './config/config.ts'],
  ['log-line.ts', './table/store.ts'],
  ['redact.ts', './bearer/jws.ts'],
  ['key-format/format.ts', '../decision.ts'],
  ['config/config.ts', '../table/store.ts'],
  ['seconds.ts', './decision.ts'],
  ['profile.ts', './decision.ts'],
  ['coded-error.ts', './fault.ts'],
  ['connection-error.ts', './fault.ts'],
  ['user-agent.ts', './fault.ts'],
  ['pool.ts', './fault.ts'],
  ['networks.ts', './fault.ts'],
  ['rsa-key.ts', './seconds.ts'],
  ['table/items.ts', '../accounts/keys.ts'],
  ['bearer/claims.ts', '../authorizer/api-key/authenticate.ts'],
  ['bearer/jwks.ts', '../key-format/format.ts'],
  ['bearer/fetch.ts', '@aws-sdk/client-dynamodb'],
  ['authorizer/api-key/state.ts', '../../bearer/claims.ts'],
  ['authorizer/api-key/hash.ts', '../gateway/event.ts'],
  ['authorizer/gateway/policy.ts', '../../table/store.ts'],
  ['authorizer/gateway/event.ts', '../authorizer.ts'],
  ['authorizer/observe/log.ts', '../../caller/index.ts'],
  ['authorizer/handler.ts', '../accounts/keys.ts'],
  ['authorizer/authorizer.ts', '@aws-sdk/lib-dynamodb'],
  ['authorizer/assemble.ts', '../local/table.ts'],
  ['keycloak/realm.ts', '../accounts/keys.ts'],
  ['accounts/tokens.ts', '../bearer/jws.ts'],
  ['accounts/keys.ts', '../cli/index.ts'],
  ['accounts/table.ts', '@aws-sdk/lib-dynamodb'],
  ['sync/print.ts', '../terminal/format.ts'],
  ['sync/decide.ts', '../authorizer/authorizer.ts'],
  ['usage/fold.ts', '../accounts/keys.ts'],
  ['usage/watch.ts', '../table/table.ts'],
  ['self-service/key-view.ts', '../seconds.ts'],
  ['self-service/page/api.ts', '../../accounts/keys.ts'],
  ['self-service/service.ts', '../bearer/claims.ts'],
  ['logout/receiver.ts', '../accounts/key-state.ts'],
  ['caller/user.ts', '../decision.ts'],
  ['caller/read.ts', 'node:fs'],
  ['terminal/format.ts', '../cli/index.ts'],
  ['doctor/ask.ts', '../authorizer/handler.ts'],
  ['doctor/print.ts', '../cli/index.ts'],
  ['cli/index.ts', '../local/table.ts'],
  ['local/invoke.ts', '../cli/index.ts'],
  ['local/decide.ts', '../authorizer/authorizer.ts'],
  ['smoke/run.ts', '../cli/index.ts'],
];

/** Imports that each part needs. */
const RIGHT: readonly (readonly [file: string, target: string])[] = [
  ['table/store.ts', '@aws-sdk/lib-dynamodb'],
  ['bearer/keys.ts', '../table/store.ts'],
  ['authorizer/api-key/authenticate.ts', '../../table/store.ts'],
  ['authorizer/authorizer.ts', './gateway/event.ts'],
  ['accounts/state.ts', './keys.ts'],
  ['accounts/time.ts', 'node:util'],
  ['doctor/explain.ts', '../authorizer/assemble.ts'],
];

/** Runs the check in a new folder that holds these files. */
function checkTree(files: readonly (readonly [file: string, code: string])[]) {
  const tree = mkdtempSync(join(tmpdir(), 'gatepass-directions-'));
  try {
    mkdirSync(join(tree, 'src'));
    for (const [file, code] of files) {
      mkdirSync(dirname(join(tree, 'src', file)), { recursive: true });
      writeFileSync(join(tree, 'src', file), `${code}\n`, { flag: 'a' });
    }
    return check(tree);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function check(cwd: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK], { cwd, encoding: 'utf8' });
  return { status, stdout, lines: stderr.split('\n').filter(Boolean) };
}

const importing = ([file, target]: readonly [string, string]) => [file, `import { a } from '${target}';`] as const;

it('passes on this repository', () => {
  const { status, stdout, lines } = check(ROOT);
  expect(lines).toStrictEqual([]);
  expect(stdout).toMatch(/^directions: [1-9]\d+ files, 0 imports the wrong way\n$/);
  expect(status).toBe(0);
});

it('names each import that goes the wrong way, none that goes the right way, and the reason of each part', () => {
  const { status, lines } = checkTree([...WRONG, ...RIGHT].map(importing));
  const found = lines.filter((line) => line.includes(' imports '));
  const expected = WRONG.map(([file, target]) => {
    const path = target.startsWith('.') ? join('src', dirname(file), target) : target;
    return `src/${file} imports ${path}`;
  });
  expect(found.map((line) => line.split(': ')[0]).toSorted()).toStrictEqual(expected.toSorted());
  const reasons = [...readFileSync(CHECK, 'utf8').matchAll(/\bwhy: (['"])(.+?)\1 ?[,}]/g)].map(([, , why]) => why);
  expect(new Set(found.map((line) => line.split(': ')[1]))).toStrictEqual(new Set(reasons));
  expect(status).toBe(1);
});

it.each([
  ['of a type', "import type { a } from '../accounts/keys.ts';"],
  ['over several lines', "import {\n  a,\n  b,\n} from '../accounts/keys.ts';"],
  ['for its effects', "import '../accounts/keys.ts';"],
  ['that is exported again', "export { a } from '../accounts/keys.ts';"],
  ['of everything, exported again', "export * from '../accounts/keys.ts';"],
  ['where it is needed', "export async function f() {\n  await import('../accounts/keys.ts');\n}"],
  ['by a roundabout path', "import { a } from '../table/../accounts/keys.ts';"],
])('sees an import %s', (_, code) => {
  expect(checkTree([['bearer/claims.ts', code]]).lines).toContainEqual(
    expect.stringMatching(/^src\/bearer\/claims\.ts imports src\/accounts\/keys\.ts: /),
  );
});

it('fails for a folder that it does not know, and where it finds no files', () => {
  const { lines } = checkTree([['utils/misc.ts', 'export const a = 1;']]);
  expect(lines).toContainEqual(expect.stringMatching(/^src\/utils\/misc\.ts is in no part of src\//));
  expect(checkTree([])).toMatchObject({ status: 1, stdout: expect.stringMatching(/^directions: 0 files/) });
});
