import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createApiKey } from '../../../src/key-format/format.ts';
import { runCommand } from '../../e2e/support/command.ts';
import { cached } from '../../e2e/support/maven.ts';
import { withProgress } from '../../e2e/support/progress.ts';

/** Before the tree was redesigned. See test/deploy/released/README.md. */
const COMMIT = '616bad8';

const FOLDER = resolve('test/deploy/released', COMMIT);

/** Lays the frozen template beside the functions of its commit, in a folder. Returns its path. */
export async function layOutReleased(folder: string): Promise<string> {
  await mkdir(folder);
  await cp(join(FOLDER, 'template.yaml'), join(folder, 'template.yaml'));
  await cp(await buildFunctions(), join(folder, 'dist'), { recursive: true });
  return join(folder, 'template.yaml');
}

/** The functions of the commit, by its own lock file; those of now in a clone that lacks it. */
async function buildFunctions(): Promise<string> {
  const { exitCode } = await runCommand('git', ['cat-file', '-e', `${COMMIT}^{commit}`]);
  if (exitCode !== 0) {
    process.stderr.write(
      `This clone has no commit ${COMMIT} (git fetch --unshallow gets it): the upgrade starts from its template and\n` +
        'table, but with the functions of now instead of its own.\n',
    );
    return resolve('dist');
  }
  const built = await cached(`gatepass-${COMMIT}`, async (work) => {
    const archive = join(work, 'source.tar');
    await must('git', 'archive', '--output', archive, COMMIT);
    await must('tar', 'xf', archive, '-C', work);
    await must('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', work);
    await must('npm', 'run', 'build', '--prefix', work);
    await Promise.all(['node_modules', 'source.tar'].map((name) => rm(join(work, name), { recursive: true })));
  });
  return join(built, 'dist');
}

async function must(command: string, ...args: readonly string[]): Promise<void> {
  const what = `${command} ${args[0]} of the earlier state`;
  const { exitCode, stderr } = await withProgress(what, () => runCommand(command, args));
  if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}: ${stderr}`);
}

type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export async function readReleasedItems(): Promise<readonly Item[]> {
  const lines = (await readFile(join(FOLDER, 'table.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Item); // as DynamoDB writes them
}

/** The key with a name in the table, or one that a rotation has replaced or made. */
export function releasedKey(items: readonly Item[], name: string, secret = name): string {
  const bytes = createHash('sha256').update(`gatepass released table: ${secret}`).digest();
  if (name === 'imported') return `legacy_${bytes.toString('hex')}`;
  const item = items.find((one) => one['name']?.['S'] === name);
  const keyId = String(item?.['sk']?.['S']).replace(/^key#/, '');
  return createApiKey({ prefix: 'gp', environment: 'live', keyId }, () => bytes);
}
