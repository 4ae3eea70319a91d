import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { createProgram } from '../../src/cli/program.ts';
import { type EmbeddedTable, LOCAL_AWS, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { beginRecording } from '../../src/table/usage.ts';
import { createRecorder } from '../../src/usage/recorder.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { type Decided, itemsIn, lineOf } from '../support/usage.ts';

const DAY_MS = 86_400_000;

let embedded: EmbeddedTable;

beforeAll(async () => {
  // No minute, hour or day ends meanwhile.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-26T12:30:20Z') });
  embedded = await startEmbeddedTable();
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  await beginRecording(embedded.usageTable, Date.parse('2026-01-01T00:00:00Z') / 1000);
});
afterAll(async () => {
  vi.useRealTimers();
  await embedded.stop();
});

/** Runs a command on the embedded tables. @returns what it printed. */
async function gatepass(...args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const output = recordOutput();
  const tables = ['--table', embedded.table.name, '--usage-table', embedded.usageTable.name];
  const program = createProgram(output, (text) => text);
  await program.parseAsync([...args, ...tables, '--endpoint-url', embedded.endpoint], { from: 'user' });
  return { out: output.results(), err: output.messages() };
}

async function newKey(userId = `user-${randomUUID()}`): Promise<{ readonly userId: string; readonly keyId: string }> {
  const admin = openAdmin({ table: embedded.table });
  await createAccount(admin, { userId });
  const { item } = await createKey(admin, { userId, name: 'CI' });
  return { userId, keyId: item.keyId };
}

function record(...decided: readonly Decided[]): Promise<unknown> {
  const usage = embedded.usageTable;
  const recorder = createRecorder({ usage, now: Date.now, addresses: 'block', newVersion: randomUUID });
  return recorder.record(decided.map(lineOf));
}

describe('gatepass usage', () => {
  it('shows the last use and refusal of a key, a bar for each day, and that addresses are a sample', async () => {
    const { keyId, userId } = await newKey();
    const now = Date.now();
    const yesterday = now - DAY_MS;
    await record(
      { keyId, at: now, sourceIp: '192.0.2.1' },
      ...[0, 1, 2, 3].map((minute) => ({ keyId, at: yesterday - minute * 60_000, sourceIp: '198.51.100.1' })),
      { keyId, at: yesterday, sourceIp: '203.0.113.1', refusedFor: 'api_key.secret' },
    );
    const { out, err } = await gatepass('usage', keyId, '--days', '3');
    expect(out).toContain(`${keyId} "CI", of ${userId}`);
    expect(out).toMatch(/^Last used {5}\S+Z \(less than a minute ago\), from 192\.0\.2\.0\/24$/m);
    expect(out).toMatch(/^Last refused {2}\S+Z \(1 day ago\): api_key\.secret, from 203\.0\.113\.0\/24$/m);
    const bars = out.split('\n').filter((line) => /^\d{4}-\d\d-\d\d {2}/.test(line));
    expect(bars).toHaveLength(3);
    expect(out.match(/#+/g)?.map(({ length }) => length)).toContain(40);
    expect(out).toContain('Used from     192.0.2.0/24, 198.51.100.0/24\n');
    expect(out).toContain('Refused from  203.0.113.0/24\n');
    expect(out).toContain('Refused for   api_key.secret (1 min)');
    expect(err).toContain('Addresses are a sample');
  });

  it('prints the same as JSON, for each key of a user', async () => {
    const { keyId, userId } = await newKey();
    await record({ keyId, at: Date.now(), sourceIp: '192.0.2.1' });
    const [key] = JSON.parse((await gatepass('usage', userId, '--days', '1', '--json')).out);
    const day = new Date(key.lastUsedAt * 1000).toISOString().slice(0, 10);
    expect(key).toMatchObject({ keyId, userId, name: 'CI', lastUsedFrom: '192.0.2.0/24' });
    expect(key.lastUsedAt % 60).toBe(0);
    expect(key.days).toEqual([
      {
        ...{ day, minutesUsed: 1, minutesRefused: {} },
        usedFrom: { addresses: ['192.0.2.0/24'], more: false },
        refusedFrom: { addresses: [], more: false },
      },
    ]);
  });

  it('needs to be told where usage is recorded', async () => {
    const program = createProgram(recordOutput(), (text) => text);
    const args = ['usage', 'user-1', '--table', embedded.table.name, '--endpoint-url', embedded.endpoint];
    await expect(program.parseAsync(args, { from: 'user' })).rejects.toThrow('Give --usage-table NAME');
  });
});

describe('gatepass users delete', () => {
  it('takes away all that is known of the use of the keys, and nothing of others', async () => {
    const [gone, other] = [await newKey(), await newKey()];
    const uses = [0, 1, 2].map((hours) => ({ at: Date.now() - hours * 3_600_000 }));
    for (const { keyId } of [gone, other]) await record(...uses.map((use) => ({ keyId, ...use })));
    await gatepass('users', 'delete', gone.userId, '--yes');
    expect(await itemsIn(embedded.usageTable, gone.keyId)).toEqual([]);
    expect(await itemsIn(embedded.usageTable, other.keyId)).toHaveLength(4);
  });
});

describe('gatepass keys', () => {
  it('list --usage and find tell the last use of a key, or since when there was none', async () => {
    const { keyId, userId } = await newKey();
    const unused = await gatepass('keys', 'list', '--user', userId, '--usage');
    expect(unused.out).toMatch(/LAST USED[\s\S]*not since \d{4}-/);
    await record({ keyId, at: Date.now(), sourceIp: '192.0.2.1' });
    expect((await gatepass('keys', 'list', '--user', userId, '--usage')).out).toMatch(/:00Z {2}192\.0\.2\.0\/24/);
    expect((await gatepass('keys', 'find', keyId)).out).toMatch(/:00Z {2}192\.0\.2\.0\/24/);
    const [found] = JSON.parse((await gatepass('keys', 'find', keyId, '--json')).out);
    expect(found.usage).toMatchObject({ lastUsedFrom: '192.0.2.0/24' });
    expect((await gatepass('keys', 'list', '--user', userId)).out).not.toContain('LAST USED');
  });
});
