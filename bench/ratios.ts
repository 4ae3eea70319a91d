import type { ColdRow } from './cold.ts';
import type { Spread } from './statistics.ts';
import type { WarmRow } from './warm.ts';

/** One figure that has a budget, or that tells what something costs. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly unit: '×' | 'ms of CPU';
  /** What it may be at most. */
  readonly most: number;
}

/** The budgets, of the medians of one run. Those of what was not measured are left out. */
export function ratiosOf(
  cold: readonly ColdRow[],
  warm: readonly WarmRow[],
  growth: readonly WarmRow[],
): readonly Ratio[] {
  const coldOf = (name: string, credential: string) =>
    cold.find((row) => row.name === name && row.credential === credential);
  const [token, key] = [coldOf('Gatepass', 'token'), coldOf('Gatepass', 'key')];
  const common = (credential: string) => coldOf('jsonwebtoken, jwks-rsa, AWS SDK', credential);
  const before = coldOf('Gatepass before', 'key');
  const warmOf = (name: string, credential = 'token') =>
    warm.find((row) => row.name === name && row.credential === credential)?.cpu;
  const [ours, floor] = [warmOf('Gatepass'), warmOf('the floor: verify() of node:crypto alone')];
  const grown = (what: string) => growth.filter(({ name }) => name.startsWith(what));
  const growing = [grown('a table of '), grown('an account of ')];
  const candidates: readonly (Ratio | undefined)[] = [
    ratio(
      'token, from ready to answer, beside aws-jwt-verify alone',
      token?.answer,
      coldOf('aws-jwt-verify alone', 'token')?.answer,
      1.15,
    ),
    ratio('token, from start to answer, beside the common way', token?.both, common('token')?.both, 0.6),
    ratio('key, from start to answer, beside the common way', key?.both, common('key')?.both, 0.6),
    ratio('key, from ready to answer, CPU, beside the bundle before', key?.answer, before?.answer, 0.5),
    ratio(
      'key, from ready to answer, with 0.29 of a CPU, beside the bundle before',
      key?.answerLimitedWall,
      before?.answerLimitedWall,
      0.5,
    ),
    difference(
      "what the start's read of the table costs",
      token?.both,
      coldOf('Gatepass, table not read at its start', 'token')?.both,
      20,
    ),
    ratio('a warm token, beside the signature alone', ours, floor, 1.8),
    ...['jose', 'aws-jwt-verify', 'jsonwebtoken', 'fast-jwt'].map((name) =>
      ratio(`a warm token, beside ${name}`, ours, warmOf(`${name}, plainly`), 1),
    ),
    ratio(
      'a warm key, table in memory, beside the signature alone',
      warmOf('Gatepass, table in memory', 'key'),
      floor,
      1,
    ),
    ...growing.map(([few, many]) => ratio(`a warm key, ${many?.name} beside ${few?.name}`, many?.cpu, few?.cpu, 1.2)),
  ];
  return candidates.filter((one) => one !== undefined);
}

function ratio(name: string, a: Spread | undefined, b: Spread | undefined, most: number): Ratio | undefined {
  return a && b && { name, value: a.median / b.median, unit: '×', most };
}

function difference(name: string, a: Spread | undefined, b: Spread | undefined, most: number): Ratio | undefined {
  return a && b && { name, value: a.median - b.median, unit: 'ms of CPU', most };
}
