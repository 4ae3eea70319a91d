import type { Bundles } from './bundles.ts';
import { createQuota } from './cpu.ts';
import { eventWith, isAllowed } from './events.ts';
import type { Job } from './job.ts';
import { startInstance, type Took } from './lambda-host.ts';
import type { Scene } from './scene.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What Lambda gives 512 MB: 1,769 MB are one CPU. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const SHARE = 0.29;

export interface ColdRow {
  readonly name: string;
  readonly credential: 'token' | 'key' | 'forged token' | 'none';
  /** CPU milliseconds from the process's start to its first question for an event, with all the CPU. */
  readonly start: Spread;
  /** From the event to the answer, with all the CPU. */
  readonly answer: Spread;
  /** Both together. */
  readonly both: Spread;
  readonly bothWall: Spread;
  /** From the event to the answer with a share of one CPU, milliseconds by the clock; absent without control groups. */
  readonly answerLimitedWall: Spread | undefined;
  readonly answerLimited: Spread | undefined;
  /** What the start and the first answer asked of the realm and of the table. */
  readonly requests: { readonly realm: number; readonly table: number };
}

interface Case {
  readonly name: string;
  readonly credential: ColdRow['credential'];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly authorization: () => string;
  readonly isAllowed: boolean;
}

interface Run {
  readonly start: Took;
  readonly answer: Took;
  readonly requests: ColdRow['requests'];
}

/** Each case once a round, so that a machine whose speed drifts does so for all. */
export async function measureCold(
  job: Job,
  scene: Scene,
  bundles: Bundles,
  tell: (line: string) => void,
): Promise<ColdRow[]> {
  const cases = casesOf(scene, bundles);
  const full = new Map<Case, Run[]>(cases.map((one) => [one, []]));
  const limited = new Map<Case, Run[]>(cases.map((one) => [one, []]));
  for (const one of forgedOf(cases, scene)) await run(one, job, scene);
  const quota = createQuota(`gatepass-bench-${process.pid}`);
  if (quota === undefined) tell('No share of a CPU is measured: no control group can be made here (it needs root).');
  try {
    for (let round = 1; round <= job.rounds; round++) {
      tell(`cold: round ${round} of ${job.rounds}`);
      for (const one of cases) {
        full.get(one)?.push(await run(one, job, scene));
        if (quota !== undefined) limited.get(one)?.push(await run(one, job, scene, (pid) => quota.limit(pid, SHARE)));
      }
    }
  } finally {
    quota?.remove();
  }
  return cases.map((one) => rowOf(one, full.get(one) ?? [], limited.get(one) ?? []));
}

/** @param limit is called once the function has started: Lambda gives a start more CPU than the memory's share. */
async function run(
  one: Case,
  { installed }: Job,
  { env, requests }: Scene,
  limit?: (pid: number) => void,
): Promise<Run> {
  const before = { ...requests };
  const instance = await startInstance({ ...installed, folder: one.folder, env: { ...env, ...one.env } });
  try {
    limit?.(instance.pid);
    const { result, ...answer } = await instance.answer(eventWith(one.authorization()));
    if (one.credential !== 'none' && isAllowed(result) !== one.isAllowed) {
      throw new Error(`${one.name} answered a ${one.credential} wrongly: ${JSON.stringify(result)}`);
    }
    const asked = { realm: requests.realm - before.realm, table: requests.table - before.table };
    return { start: instance.start, answer, requests: asked };
  } finally {
    await instance.stop();
  }
}

function casesOf(scene: Scene, { ours, before, peers }: Bundles): Case[] {
  const token = { credential: 'token', authorization: () => `Bearer ${scene.token()}`, isAllowed: true } as const;
  const forged = {
    credential: 'forged token',
    authorization: () => `Bearer ${scene.forged()}`,
    isAllowed: false,
  } as const;
  const key = { credential: 'key', authorization: () => scene.key, isAllowed: true } as const;
  const earlier =
    before === undefined ? [] : [token, key].map((one) => ({ name: 'Gatepass before', folder: before, ...one }));
  return [
    {
      name: 'an empty handler',
      folder: peers.empty,
      credential: 'none',
      authorization: () => scene.key,
      isAllowed: false,
    },
    ...[token, key, forged].map((one) => ({ name: 'Gatepass', folder: ours, ...one })),
    { name: 'Gatepass, table not read at its start', folder: ours, ...token, env: { GATEPASS_TABLE_AT_START: 'off' } },
    ...earlier,
    { name: 'aws-jwt-verify alone', folder: peers['aws-jwt-verify'], ...token },
    ...[token, key].map((one) => ({ name: 'jose, AWS SDK', folder: peers.jose, ...one })),
    ...[token, key].map((one) => ({ name: 'jsonwebtoken, jwks-rsa, AWS SDK', folder: peers.jsonwebtoken, ...one })),
  ];
}

/** What each must refuse before it is timed. */
function forgedOf(cases: readonly Case[], scene: Scene): Case[] {
  const forged = { token: () => `Bearer ${scene.forged()}`, key: () => `${scene.key}x` };
  return cases.flatMap((one) =>
    one.credential === 'token' || one.credential === 'key'
      ? [{ ...one, authorization: forged[one.credential], isAllowed: false }]
      : [],
  );
}

function rowOf({ name, credential }: Case, full: readonly Run[], limited: readonly Run[]): ColdRow {
  const of = (runs: readonly Run[], read: (run: Run) => number) =>
    runs.length === 0 ? undefined : spreadOf(runs.map(read));
  const always = (read: (run: Run) => number) => spreadOf(full.map(read));
  return {
    name,
    credential,
    start: always(({ start }) => start.cpu),
    answer: always(({ answer }) => answer.cpu),
    both: always(({ start, answer }) => start.cpu + answer.cpu),
    bothWall: always(({ start, answer }) => start.wall + answer.wall),
    answerLimited: of(limited, ({ answer }) => answer.cpu),
    answerLimitedWall: of(limited, ({ answer }) => answer.wall),
    requests: full.at(-1)?.requests ?? { realm: 0, table: 0 },
  };
}
