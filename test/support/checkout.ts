import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM_LIMIT_MS } from './program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a program wrote, and how it ended. */
interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running `npm start`, with what it greets with. */
export interface RunningGateway {
  readonly base: string;
  readonly key: string;
  readonly token: string;
  /** All that it has written so far. */
  text(): string;
  /** Ends it, and waits for that. */
  kill(signal: NodeJS.Signals): Promise<Run>;
}

/** A built copy of the repository: the programs keep `.gatepass/` two levels above themselves, and not in ours. */
export interface Checkout {
  readonly folder: string;
  /** For programs that are run in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a built program, such as `local/invoke`, to its end. */
  run(program: string, ...args: readonly string[]): Promise<Run>;
  /** Starts a local gateway on a free port, and waits for its greeting. */
  startGateway(...args: readonly string[]): Promise<RunningGateway>;
  /** Ends what runs, and removes the copy. */
  remove(): void;
}

export function createCheckout(): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-checkout-'));
  for (const name of ['dist', 'events', 'gatepass', 'package.json', 'template.yaml']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...process.env, INIT_CWD: folder };
  const gateways: ChildProcess[] = [];

  function start(program: string, args: readonly string[]): ChildProcess {
    const path = join(folder, 'dist', `${program}.mjs`);
    return spawn(process.execPath, [path, ...args], { cwd: folder, env, stdio: 'pipe' });
  }

  return {
    ...{ folder, env },
    run(program, ...args) {
      const child = start(program, args);
      const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_LIMIT_MS);
      return endOf(child).finally(() => clearTimeout(timer));
    },
    startGateway(...args) {
      const child = start('local/start', ['--port', '0', ...args]);
      gateways.push(child);
      return greetingOf(child);
    },
    remove() {
      for (const gateway of gateways) gateway.kill('SIGKILL');
      // A command that outlived its test may still be writing there.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Goes on reading after the greeting: a gateway whose output nobody takes would end. */
function greetingOf(child: ChildProcess): Promise<RunningGateway> {
  return new Promise((resolve, reject) => {
    let text = '';
    const ended = endOf(child);
    ended.then((run) => reject(new Error(`The local gateway ended: ${JSON.stringify(run)}`)), reject);
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      const [, base] = /API\) at (\S+);/.exec(text) ?? [];
      const [, key = ''] = /^KEY=(\S+)$/m.exec(text) ?? [];
      const [, token = ''] = /^TOKEN=(\S+)$/m.exec(text) ?? [];
      if (base === undefined || !text.includes('Ctrl-C')) return;
      const kill = (signal: NodeJS.Signals) => {
        child.kill(signal);
        return ended;
      };
      resolve({ base, key, token, text: () => text, kill });
    });
  });
}

function endOf(child: ChildProcess): Promise<Run> {
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
