import { expect, it } from 'vitest';
import type { ColdRow } from '../../../bench/cold.ts';
import { ratiosOf } from '../../../bench/ratios.ts';
import { type Spread, spreadOf } from '../../../bench/statistics.ts';
import type { WarmRow } from '../../../bench/warm.ts';

const of = (median: number): Spread => ({ median, low: median, high: median });
const requests = { realm: 0, table: 0 };

function cold(name: string, credential: ColdRow['credential'], answer: number, both: number): ColdRow {
  const limited = { answerLimited: undefined, answerLimitedWall: undefined };
  return { name, credential, start: of(0), answer: of(answer), both: of(both), bothWall: of(0), ...limited, requests };
}

function warm(name: string, credential: string, cpu: number): WarmRow {
  return { name, credential, cpu: of(cpu), wall: of(0), requests };
}

it('a ratio is of the medians of one run, and what was not measured has none', () => {
  const ratios = ratiosOf(
    [
      cold('Gatepass', 'token', 6, 90),
      cold('Gatepass, table not read at its start', 'token', 6, 65),
      cold('aws-jwt-verify alone', 'token', 24, 60),
      cold('jsonwebtoken, jwks-rsa, AWS SDK', 'token', 20, 180),
    ],
    [],
    [warm('a table of 10 keys', 'key', 100), warm('a table of 1000 keys', 'key', 110)],
  );
  expect(ratios).toEqual([
    { name: 'token, from ready to answer, beside aws-jwt-verify alone', value: 0.25, unit: '×', most: 1.15 },
    { name: 'token, from start to answer, beside the common way', value: 0.5, unit: '×', most: 0.6 },
    { name: "what the start's read of the table costs", value: 25, unit: 'ms of CPU', most: 20 },
    { name: 'a warm key, a table of 1000 keys beside a table of 10 keys', value: 1.1, unit: '×', most: 1.2 },
  ]);
});

it('a spread is the middle measurement and the bounds of the middle half', () => {
  expect(spreadOf([9, 1, 5, 3, 7])).toEqual({ median: 5, low: 3, high: 7 });
  expect(spreadOf([4])).toEqual({ median: 4, low: 4, high: 4 });
});
