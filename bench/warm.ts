import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Job } from './job.ts';
import type { Scene } from './scene.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface WarmRow {
  readonly name: string;
  readonly credential: string;
  /** Microseconds a decision. */
  readonly cpu: Spread;
  readonly wall: Spread;
  /** What one warm decision asked. */
  readonly requests: { readonly realm: number; readonly table: number };
}

/** What a process that measures is told: first its case, then to measure, or to decide once. */
export type WarmTask = WarmStart | 'measure' | 'decide';

export interface WarmStart {
  readonly one: WarmCase;
  /** What it does before it is measured: whichever is reached first. */
  readonly warmUp: { readonly decisions: number; readonly milliseconds: number };
  /** How long one measurement takes, about. */
  readonly measureMs: number;
}

/** Microseconds a decision, of one measurement. */
export interface WarmTimes {
  readonly cpu: number;
  readonly wall: number;
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

/**
 * Measures each case in a process of its own, in turn with the others: what V8 learns from one would bend another, and
 * CPU time has nothing of the realm's and the table's in it.
 */
export async function runWarm(
  program: string,
  { rounds, smoke }: Job,
  { env, requests }: Scene,
  cases: readonly WarmCase[],
): Promise<WarmRow[]> {
  const warmUp = smoke ? { ...WARM_UP, decisions: 20 } : WARM_UP;
  const measured = cases.map((one) => ({ one, ...startProcess(program, env), took: [] as WarmTimes[] }));
  try {
    for (const { one, ask } of measured) await ask({ one, warmUp, measureMs: smoke ? 5 : MEASURE_MS });
    for (let round = 0; round < rounds; round++) {
      for (const { ask, took } of measured) took.push(await ask<WarmTimes>('measure'));
    }
    const rows: WarmRow[] = [];
    for (const { one, ask, took } of measured) {
      const before = { ...requests };
      await ask('decide');
      rows.push({
        name: one.name,
        credential: one.credential,
        cpu: spreadOf(took.map(({ cpu }) => cpu)),
        wall: spreadOf(took.map(({ wall }) => wall)),
        requests: { realm: requests.realm - before.realm, table: requests.table - before.table },
      });
    }
    return rows;
  } finally {
    for (const { stop } of measured) stop();
  }
}

function startProcess(program: string, env: Env) {
  const child = fork(program, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process that measures ended by itself.')));
  ended.catch(() => undefined); // it is told to whoever waits for the next message
  return {
    async ask<Answer>(task: WarmTask): Promise<Answer> {
      const answered = once(child, 'message');
      child.send(task);
      const [answer] = await Promise.race([answered, ended]);
      return answer;
    },
    stop: () => child.kill(),
  };
}
