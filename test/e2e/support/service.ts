import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { withProgress } from './progress.ts';

export interface Service {
  /** Ends it, and all that it started. Does nothing if it has ended. */
  stop(): Promise<void>;
}

interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it answers; asked again and again until then. It may throw. */
  readonly isReady: () => Promise<boolean>;
}

const READY_WITHIN_MS = 180_000;
const POLL_MS = 100;
const STOP_WITHIN_MS = 10_000;
const TAIL_LENGTH = 4000;

/** The process groups that are still to be ended, should this process end without a word. */
const running = new Set<number>();
process.on('exit', () => {
  for (const group of running) signal(group, 'SIGTERM');
});
// Without listeners these would end us without an `exit` event.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => process.exit(128 + constants.signals[name]));
}

/**
 * Starts a program that serves, and waits until it does.
 *
 * It gets a process group of its own, since a start script such as Keycloak's is a shell with the server below it.
 *
 * @throws with the last of its output, when it ends instead or takes too long; it isn't running then.
 */
export function startService({ name, command, args, env, isReady }: ServiceOptions): Promise<Service> {
  return withProgress(`start ${name}`, async () => {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const tail = keepTail(child);
    const closed = once(child, 'close').catch(() => undefined);
    const { pid } = child;
    if (pid === undefined) {
      await closed;
      throw new Error(`${name} could not be started: ${command} can't be run.`);
    }
    running.add(pid);
    void closed.then(() => running.delete(pid));

    const stop = () => stopGroup(pid, closed);
    const problem = await waitUntil(isReady, () => running.has(pid));
    if (problem === undefined) return { stop };
    await stop();
    throw new Error(`${name} ${problem}. It said at last:\n${tail()}`);
  });
}

async function waitUntil(isReady: () => Promise<boolean>, isRunning: () => boolean): Promise<string | undefined> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (isRunning()) {
    if (await isReady().catch(() => false)) return undefined;
    if (Date.now() >= giveUpAt) return `did not answer within ${READY_WITHIN_MS / 1000} s`;
    await sleep(POLL_MS);
  }
  return 'ended before it answered';
}

async function stopGroup(group: number, closed: Promise<unknown>): Promise<void> {
  if (!running.has(group)) return;
  signal(group, 'SIGTERM');
  const hard = setTimeout(() => signal(group, 'SIGKILL'), STOP_WITHIN_MS);
  await closed;
  clearTimeout(hard);
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has ended by itself.
  }
}

/** Reads all output, so that the program never waits for us, and keeps the last of it. */
function keepTail(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-TAIL_LENGTH);
    });
  }
  return () => tail;
}
