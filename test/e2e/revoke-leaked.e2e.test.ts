import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, inject, test } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { leaksOf } from '../support/secrets.ts';
import { AWS } from './support/environment.ts';
import { CLI_BUNDLE } from './support/gatepass.ts';
import { peakMegabytes, TELLING_PEAK } from './support/peak-memory.ts';
import { createTestTable } from './support/table.ts';

const MEGABYTES = 200;
const LOOK_ALIKES = 10_000;
const MOST_MEMORY_MB = 150;

const LINE = `2026-11-26T12:00:00Z INFO GET /api/v1/orders/42 200 took_ms=12 user_id=0b7d1c8e-55a1-4a6e-9d2c-2f4f1f3b9a77\n`;

/** A log with look-alikes all over it, and the keys at its beginning, in its middle and at its end. */
function* logWith(keys: readonly string[]): Generator<string> {
  const lines = LINE.repeat(Math.floor((MEGABYTES * 1e6) / LOOK_ALIKES / LINE.length));
  for (let index = 0; index < LOOK_ALIKES; index++) {
    const digits = randomBytes(25).toString('hex').slice(0, 49);
    yield `Authorization: gp_live_${createKeyId('user-42', randomBytes)}_${digits}\n${lines}`;
    if (index === 0 || index === LOOK_ALIKES / 2 || index === LOOK_ALIKES - 1)
      yield `${keys[Math.ceil(index / 5000)]}\n`;
  }
}

test(`a log of ${MEGABYTES} MB with 3 keys among 10,000 look-alikes costs 3 look-ups`, {
  timeout: 300_000,
}, async () => {
  const table = await createTestTable(inject('dynamoDbEndpoint'), 'leaked');
  await table.commandDone('users', 'create', 'user-42');
  const keys = [await table.createKey('user-42'), await table.createKey('user-42'), await table.createKey('user-42')];

  const startedAt = performance.now();
  const args = ['keys', 'revoke-leaked', '--table', table.name, '--endpoint-url', table.endpoint, '--json'];
  const child = spawn(process.execPath, [...TELLING_PEAK, CLI_BUNDLE, ...args], { env: AWS });
  const closed = once(child, 'close');
  Readable.from(logWith(keys)).pipe(child.stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  const seconds = (performance.now() - startedAt) / 1000;
  const peakMb = peakMegabytes(stderr);
  process.stderr.write(`revoke-leaked: ${seconds.toFixed(1)} s, ${Math.round(peakMb)} MB\n`);

  expect(status).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ reads: 3, keysFound: 3, lookAlikes: LOOK_ALIKES, unknownKeys: 0, isComplete: true },
    keys: keys.map(() => ({ userId: 'user-42', wasLive: true, done: 'disabled' })),
  });
  expect(keys.flatMap((key) => leaksOf(key.slice(-49), [stdout, stderr]))).toEqual([]);
  expect(peakMb).toBeLessThan(MOST_MEMORY_MB);
});
