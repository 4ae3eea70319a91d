import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Bundles, entryOf } from './bundles.ts';
import { eventWith } from './events.ts';
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
  /** How many decisions of each case make one measurement. */
  readonly batch: number;
  readonly cases: readonly WarmCase[];
}

export interface WarmCase {
  readonly name: string;
  readonly credential: string;
  /** What decides: a built function, ours on a store in memory, or nothing but the cryptography beneath. */
  readonly by:
    | { readonly module: string; readonly env?: Readonly<Record<string, string>> }
    | 'memory'
    | 'memory, accounts checked'
    | 'floor';
  readonly events: readonly object[];
  readonly isAllowed: boolean;
  /** The same with a credential that is made up: who lets it in isn't timed. */
  readonly forged?: object;
}

/** Decisions of functions that have been at it for a while, each with its line of the log. */
export function measureWarm(
  job: Job,
  scene: Scene,
  { ours, peers, warmProcess }: Bundles,
  tell: (line: string) => void,
): Promise<WarmRow[]> {
  tell(`warm: ${job.rounds} rounds`);
  const many = (make: () => string) => Array.from({ length: job.smoke ? 5 : 200 }, () => eventWith(make()));
  const tokens = {
    credential: 'token',
    events: many(() => `Bearer ${scene.token()}`),
    isAllowed: true,
    forged: eventWith(`Bearer ${scene.forged()}`),
  };
  const keys = {
    credential: 'key',
    events: many(() => scene.key),
    isAllowed: true,
    forged: eventWith(`${scene.key}x`),
  };
  const expired = many(() => `Bearer ${scene.token({ exp: 1 })}`);
  const forged = many(() => `Bearer ${scene.forged()}`);
  const function_ = { module: entryOf(ours) };
  return runWarm(warmProcess, job, scene, [
    { ...tokens, name: 'the floor: verify() of node:crypto alone', by: 'floor' },
    { ...tokens, name: 'Gatepass', by: function_ },
    { ...tokens, name: 'Gatepass, accounts checked, table in memory', by: 'memory, accounts checked' },
    { ...keys, name: 'Gatepass, table in memory', by: 'memory' },
    { ...keys, name: 'Gatepass, table by TLS', by: function_ },
    {
      name: 'Gatepass',
      credential: 'malformed key',
      events: many(() => `${scene.key}x`),
      isAllowed: false,
      by: function_,
    },
    { name: 'Gatepass', credential: 'expired token', events: expired, isAllowed: false, by: function_ },
    { name: 'Gatepass', credential: 'forged token', events: forged, isAllowed: false, by: function_ },
    ...(['aws-jwt-verify', 'jose', 'jsonwebtoken', 'fast-jwt'] as const).map((name) => ({
      ...tokens,
      name: `${name}, plainly`,
      by: { module: entryOf(peers[name]) },
    })),
  ]);
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
    const rows = await ask<Omit<WarmRow, 'requests'>[]>({ rounds, batch: smoke ? 20 : 500, cases });
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
