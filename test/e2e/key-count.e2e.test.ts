import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillTable } from '../../bench/keys.ts';
import { spreadOf } from '../../bench/statistics.ts';
import { startDynamoDbLocal } from './support/dynamodb-local.ts';
import { functionEnvironment } from './support/environment.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { report, withProgress } from './support/progress.ts';
import { createTestTable } from './support/table.ts';

/** `npm run test:soak` fills the second table with a million keys, which takes some minutes. */
const MANY = Number(process.env['KEY_COUNT'] ?? 3000);
const COUNTS = [1000, MANY];
const ROUNDS = MANY > 3000 ? 20 : 4;
const MOST_MS = 30 * 60_000;

interface Filled {
  readonly count: number;
  readonly keys: readonly string[];
  readonly authorizer: LambdaFunction;
}

const tables: Filled[] = [];
let dynamoDb: Awaited<ReturnType<typeof startDynamoDbLocal>>;

beforeAll(async () => {
  // One of its own: to be filled takes all that it can do, and functions of other tests would wait in vain.
  dynamoDb = await startDynamoDbLocal();
  for (const count of COUNTS) tables.push(await fill(count));
}, MOST_MS);

afterAll(async () => {
  for (const { authorizer } of tables) await authorizer.stop();
  await dynamoDb?.stop();
});

async function fill(count: number): Promise<Filled> {
  const { endpoint } = dynamoDb;
  const table = await createTestTable(endpoint, `key-count-${count}`);
  const keys = await withProgress(`write ${count} keys`, () => fillTable(table, count));
  const env = { AWS_ENDPOINT_URL_DYNAMODB: endpoint, GATEPASS_TABLE: table.name };
  return { count, keys, authorizer: await startFunction(functionEnvironment(env)) };
}

test(
  'a decision takes as long and asks as much of a table of many keys as of a table of few',
  async () => {
    const took = await decideInTurn();
    const medians = took.map((milliseconds) => spreadOf(milliseconds).median);
    const [few = Number.NaN, many = Number.NaN] = medians;
    report(
      `a key's decision: ${tables.map(({ count }, at) => `${medians[at]?.toFixed(2)} ms of ${count} keys`).join(', ')}: ` +
        `${(many / few).toFixed(2)} ×`,
    );
    expect(many / few).toBeLessThanOrEqual(1.2);
  },
  MOST_MS,
);

/** Of one table and of the other, key by key, so that a busy machine is busy for both. @returns milliseconds. */
async function decideInTurn(): Promise<readonly number[][]> {
  const took: number[][] = tables.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 0; index < 100; index++) {
      for (const [at, { keys, authorizer }] of tables.entries()) {
        const { log, durationMs } = await authorizer.authorize(keys[index] ?? '');
        expect(log).toMatchObject({ reason: 'api_key.valid', tableRequests: 1 });
        if (round > 0) took[at]?.push(durationMs);
      }
    }
  }
  return took;
}
