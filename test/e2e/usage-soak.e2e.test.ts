import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './support/command.ts';
import { type CountingTable, startCountingTable } from './support/counting-table.ts';
import { AWS } from './support/environment.ts';
import { report } from './support/progress.ts';

/** A short run checks that it works; `npm run test:soak` asks for a million lines of 50,000 keys. */
const LINES = Number(process.env['USAGE_LINES'] ?? 10_000);
const KEYS = LINES / 20;
const MINUTES = 2;

/** Without a limit, Node lets garbage lie for as long as the machine has room. */
const HEAP_MB = 80;

const PROGRAM = fileURLToPath(new URL('./support/usage-soak.mjs', import.meta.url));
const result = v.object({
  ...{ lines: v.number(), uses: v.number(), writes: v.number() },
  ...{ seconds: v.number(), cpuSeconds: v.number(), peakMB: v.number() },
});

let table: CountingTable;

beforeAll(async () => {
  table = await startCountingTable();
});
afterAll(() => table.stop());

test('many lines of many keys are recorded in bounded memory, each key and minute by two writes', async () => {
  const env = { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: table.endpoint, GATEPASS_USAGE_TABLE: 'usage' };
  const args = [`--max-old-space-size=${HEAP_MB}`, PROGRAM, String(LINES), String(KEYS), String(MINUTES)];
  const { exitCode, stderr } = await runCommand(process.execPath, args, env);
  expect(exitCode, stderr).toBe(0);
  const { seconds, cpuSeconds, peakMB, ...counted } = v.parse(
    result,
    JSON.parse(stderr.trim().split('\n').at(-1) ?? ''),
  );
  report(
    `${LINES} lines of ${KEYS} keys: ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU, ${peakMB.toFixed(0)} MB, ${JSON.stringify(table.requests)}`,
  );
  expect(counted).toMatchObject({ lines: LINES, uses: LINES });
  expect(peakMB).toBeLessThan(200);
  const { UpdateItem = 0, PutItem = 0 } = table.requests;
  expect(counted.writes).toBe(UpdateItem + PutItem - 1); // that there is recording
  expect(counted.writes).toBeLessThanOrEqual(2 * KEYS * (MINUTES + 1));
}, 1_800_000);
