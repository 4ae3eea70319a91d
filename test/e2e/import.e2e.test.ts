import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { importedKeyId } from '../../src/key-format/format.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { apiKeyAt } from '../../src/table/items.ts';
import { itemsOf } from '../../src/table/read.ts';
import type { Table } from '../../src/table/table.ts';
import { AWS, functionEnvironment } from './support/environment.ts';
import { expectAllowed, expectNoCredentialIn } from './support/expectations.ts';
import { startFunction } from './support/function.ts';
import { CLI_BUNDLE } from './support/gatepass.ts';
import { peakMegabytes, TELLING_PEAK } from './support/peak-memory.ts';
import { createTestTable, type TestTable } from './support/table.ts';

/** `npm run test:soak` imports 100,000, which takes minutes. */
const MANY = Number(process.env['IMPORT_KEYS'] ?? 10_000);
const FEW = 3000;
const KEYS_PER_USER = 4;
const MOST_MEMORY_MB = 200;

const EVERY_TIME = new Set(['createdAt', 'updatedAt']);

const summarySchema = v.strictObject({
  lines: v.number(),
  usersCreated: v.number(),
  keysCreated: v.number(),
  keysUnchanged: v.number(),
  keysWeak: v.number(),
  keysHashed: v.number(),
  refused: v.number(),
  kept: v.number(),
  importedPrefixes: v.array(v.string()),
  refusedLines: v.array(v.unknown()),
  doneUpTo: v.number(),
});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-import-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The key of a line, the same in each run: 160 bits as hex. */
function keyOfLine(line: number): string {
  return `legacy_${createHash('sha256').update(`line ${line}`).digest('hex').slice(0, 40)}`;
}

function userOfLine(line: number): string {
  return `user-${Math.floor(line / KEYS_PER_USER)}`;
}

/** A CSV file of so many keys, four a user. */
function writeFile(keys: number): string {
  const file = join(folder, `${keys}.csv`);
  const lines = Array.from({ length: keys }, (_, line) => {
    const userId = userOfLine(line);
    return `${userId},${userId}@example.com,editor viewer,${keyOfLine(line)},"key ${line}, of a dump",reports:read`;
  });
  writeFileSync(file, `userId,email,roles,key,name,scope\n${lines.join('\n')}\n`);
  return file;
}

/** Starts `gatepass import` on a file, in a process of its own. */
function start(table: TestTable, file: string): ChildProcess {
  const options = ['--imported-prefixes', 'legacy_', '--json', '--table', table.name, '--endpoint-url', table.endpoint];
  const args = [...TELLING_PEAK, CLI_BUNDLE, 'import', file, ...options];
  return spawn(process.execPath, args, { env: AWS, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs an import to its end, which must be a good one. */
async function importFile(table: TestTable, file: string) {
  const startedAt = performance.now();
  const child = start(table, file);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return {
    summary: v.parse(summarySchema, JSON.parse(stdout)),
    seconds: (performance.now() - startedAt) / 1000,
    peakMb: peakMegabytes(stderr),
  };
}

async function isThere({ client, name }: Table, line: number): Promise<boolean> {
  const keyId = importedKeyId(userOfLine(line), hashApiKey(keyOfLine(line)));
  const output = await client.send(new GetCommand({ TableName: name, Key: apiKeyAt(keyId), ConsistentRead: true }));
  return output.Item !== undefined;
}

/** How many items a table has and one hash of them all, their times aside. */
async function contentOf({ client, name }: Table): Promise<{ count: number; hash: string }> {
  const items: string[] = [];
  const read = itemsOf((start) =>
    client.send(new ScanCommand({ TableName: name, ConsistentRead: true, ExclusiveStartKey: start })),
  );
  for await (const item of read) {
    const kept = Object.entries(item).filter(([attribute]) => !EVERY_TIME.has(attribute));
    items.push(JSON.stringify(kept.sort(([a], [b]) => a.localeCompare(b))));
  }
  return { count: items.length, hash: createHash('sha256').update(items.sort().join('\n')).digest('hex') };
}

test(`${MANY} keys come in at once, in less than ${MOST_MEMORY_MB} MB, and are allowed`, async () => {
  const table = await createTestTable(inject('dynamoDbEndpoint'), 'import-many');
  const { summary, seconds, peakMb } = await importFile(table, writeFile(MANY));
  const rate = Math.round(MANY / seconds);
  process.stderr.write(
    `e2e: import ${MANY} keys: ${seconds.toFixed(1)} s, ${rate} a second, ${peakMb.toFixed(0)} MB\n`,
  );
  expect(summary).toEqual({
    lines: MANY,
    usersCreated: MANY / KEYS_PER_USER,
    keysCreated: MANY,
    ...{ keysUnchanged: 0, keysWeak: 0, keysHashed: 0, refused: 0, kept: 0, doneUpTo: MANY + 1 },
    ...{ importedPrefixes: ['legacy_'], refusedLines: [] },
  });
  expect(peakMb).toBeLessThan(MOST_MEMORY_MB);

  const authorizer = await startFunction(
    functionEnvironment({
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      GATEPASS_TABLE: table.name,
      GATEPASS_IMPORTED_PREFIXES: 'legacy_',
    }),
  );
  try {
    for (const line of [0, 1, MANY / 2, MANY - 1]) {
      const answer = await authorizer.authorize(keyOfLine(line));
      const userId = userOfLine(line);
      expectAllowed(answer, {
        reason: 'api_key.valid',
        context: {
          ...{ userId, email: `${userId}@example.com`, authMethod: 'api_key', environment: 'live' },
          ...{ apiKeyId: importedKeyId(userId, hashApiKey(keyOfLine(line))) },
          ...{ scope: 'reports:read', roles: ['editor', 'viewer'] },
        },
      });
      expect(answer.log.tableRequests).toBe(2);
    }
    expectNoCredentialIn([authorizer]);
  } finally {
    await authorizer.stop();
  }
}, 600_000);

describe('an import that was killed and is run again', () => {
  let file: string;
  let unbroken: { count: number; hash: string };

  beforeAll(async () => {
    file = writeFile(FEW);
    const table = await createTestTable(inject('dynamoDbEndpoint'), 'import-unbroken');
    await importFile(table, file);
    unbroken = await contentOf(table);
    expect(unbroken.count).toBe(FEW * 2 + FEW / KEYS_PER_USER);
  }, 120_000);

  test.each([2, Math.floor(FEW / 2), FEW - 200])(
    'leaves the same table as one that was not, be it killed about line %i',
    async (line) => {
      const table = await createTestTable(inject('dynamoDbEndpoint'), `import-killed-${line}`);
      const child = start(table, file);
      const closed = once(child, 'close');
      while (child.exitCode === null && !(await isThere(table, line))) await sleep(5);
      child.kill('SIGKILL');
      await closed;
      expect(child.signalCode).toBe('SIGKILL');
      const { count } = await contentOf(table);
      expect(count).toBeGreaterThan(line);
      expect(count).toBeLessThan(unbroken.count);

      const { summary } = await importFile(table, file);
      expect(summary).toMatchObject({ lines: FEW, refused: 0 });
      expect(summary.keysCreated).toBeGreaterThan(0);
      expect(summary.keysCreated + summary.keysUnchanged).toBe(FEW);
      expect(await contentOf(table)).toEqual(unbroken);
    },
    120_000,
  );
});
