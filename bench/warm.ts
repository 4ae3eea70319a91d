import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Job } from './job.ts';
import type { Scene } from './scene.ts';
import type { Spread } from './statistics.ts';

export interface WarmRow {
  readonly name: string;
  readonly credential: string;
  /** Microseconds a decision. */
  readonly cpu: Spread;
  readonly wall: Spread;
  /** What one warm decision asked. */
  readonly requests: { readonly realm: number; readonly table: number };
}

/** What the process that measures is told. */
export interface WarmTask {
  readonly rounds: number;
  /** What each case does before any is measured: whichever is reached first. */
  readonly warmUp: { readonly decisions: number; readonly milliseconds: number };
  /** How long one measurement takes, about. */
  readonly measureMs: number;
  readonly cases: readonly WarmCase[];
}

/** V8 has compiled all that it will after some 12,000 decisions; one that waits for the table by TLS takes a while. */
const WARM_UP = { decisions: 20_000, milliseconds: 6000 };

/** So long that each measurement has its share of garbage collections, of which one may take 10 ms. */
const MEASURE_MS = 200;

type Env = Readonly<Record<string, string>>;

export interface WarmCase {
  readonly name: string;
  readonly credential: string;
  /** What decides: a built function, ours on a table in memory, or nothing but the cryptography beneath. */
  readonly by: { readonly module: string; readonly env: Env } | { readonly inMemory: Env } | 'floor';
  readonly events: readonly object[];
  readonly isAllowed: boolean;
  /** What our line must give as the reason, so that no case is refused for another's. */
  readonly reason?: string;
  /** The same with a credential that is made up: who lets it in isn't timed. */
  readonly forged?: object;
}

/** Measures in a process of its own, whose CPU time has nothing of the realm's and the table's in it. */
export async function runWarm(
  program: string,
  { rounds, smoke }: Job,
  { env, requests }: Scene,
  cases: readonly WarmCase[],
): Promise<WarmRow[]> {
  const child = fork(program, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The process that measures ended by itself.')));
  ended.catch(() => undefined); // it is told to whoever waits for the next message
  async function ask<Answer>(message: WarmTask | { readonly decide: number }): Promise<Answer> {
    const answered = once(child, 'message');
    child.send(message);
    const [answer] = await Promise.race([answered, ended]);
    return answer;
  }
  try {
    const rows = await ask<Omit<WarmRow, 'requests'>[]>({
      rounds,
      warmUp: smoke ? { ...WARM_UP, decisions: 20 } : WARM_UP,
      measureMs: smoke ? 5 : MEASURE_MS,
      cases,
    });
    const counted: WarmRow[] = [];
    for (const [index, row] of rows.entries()) {
      const before = { ...requests };
      await ask({ decide: index });
      const asked = { realm: requests.realm - before.realm, table: requests.table - before.table };
      counted.push({ ...row, requests: asked });
    }
    return counted;
  } finally {
    child.kill();
  }
}
