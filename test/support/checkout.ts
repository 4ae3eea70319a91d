import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a run program wrote, and how it ended. */
interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A built copy of the repository: the programs keep `.gatepass/` two levels above themselves, and not in ours. */
export interface Checkout {
  readonly folder: string;
  /** Runs a built program, such as `local/invoke`, to its end. */
  run(program: string, ...args: readonly string[]): Promise<Run>;
  start(program: string, ...args: readonly string[]): ChildProcess;
  remove(): void;
}

const LIMIT_MS = 50_000;

export function createCheckout(variables: Readonly<Record<string, string>> = {}): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-checkout-'));
  for (const name of ['dist', 'events', 'package.json', 'template.yaml']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...process.env, INIT_CWD: folder, ...variables };

  function start(program: string, ...args: readonly string[]): ChildProcess {
    const path = join(folder, 'dist', `${program}.mjs`);
    return spawn(process.execPath, [path, ...args], { cwd: folder, env, stdio: 'pipe', timeout: LIMIT_MS });
  }

  return {
    folder,
    start,
    run: (program, ...args) => endOf(start(program, ...args)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for a program to end. */
export function endOf(child: ChildProcess): Promise<Run> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, out, err }));
  });
}
