import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { unusable } from '../../src/local/kept-folder.ts';
import { startKeptTable } from '../../src/local/kept-table.ts';
import { takeLock } from '../../src/local/lock.ts';
import { readItem } from '../../src/table/read.ts';
import { putItem } from '../../src/table/write.ts';

const KEY = { pk: 'account#1', sk: 'account' };

let folder: string;
let stops: (() => Promise<unknown>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-kept-'));
  stops = [];
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A program's table. That of a program that is stopped in the test is stopped but once. */
async function start(): Promise<EmbeddedTable> {
  const kept = await startKeptTable(folder);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= kept.stop();
    return stopped;
  };
  stops.push(stop);
  return { ...kept, stop };
}

function tellHolder(endpoint: string): void {
  writeFileSync(join(folder, 'holder.json'), JSON.stringify({ endpoint, id: 'someone', pid: 4711 }));
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server's address is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the kept table', () => {
  it('is one table for all who started it', async () => {
    const [first, second, third] = [await start(), await start(), await start()];
    await putItem(second.table, KEY, { n: 1 });
    for (const { table } of [first, second, third]) expect(await readItem(table, KEY)).toEqual({ ...KEY, n: 1 });
  });

  it('outlives each of them, without a failed request and at the same endpoint', async () => {
    const programs = [await start(), await start(), await start()];
    const last = programs[2];
    if (last === undefined) throw new Error('unreachable');
    for (let n = 0; n < 3; n++) {
      await putItem(last.table, KEY, { n });
      expect(await readItem(last.table, KEY)).toEqual({ ...KEY, n });
      if (n < 2) await programs[n]?.stop();
    }
    await last.stop();
    expect(await readItem((await start()).table, KEY)).toEqual({ ...KEY, n: 2 });
  });

  it('answers what it has begun before it is let go', async () => {
    const [first, second] = [await start(), await start()];
    const writes = Array.from({ length: 50 }, (_, n) => putItem(second.table, { ...KEY, pk: `account#${n}` }, { n }));
    await Promise.all([first.stop(), ...writes]);
    for (let n = 0; n < 50; n++)
      expect(await readItem(second.table, { ...KEY, pk: `account#${n}` })).toMatchObject({ n });
  });

  it('is started by many at once', async () => {
    const programs = await Promise.all(Array.from({ length: 6 }, start));
    await Promise.all(programs.map(({ table }, n) => putItem(table, { ...KEY, pk: `account#${n}` }, { n })));
    for (let n = 0; n < 6; n++) {
      const { table } = programs[(n + 1) % 6] ?? (await start());
      expect(await readItem(table, { ...KEY, pk: `account#${n}` })).toMatchObject({ n });
    }
  });
});

describe('what a program left behind that was killed', () => {
  it('is a port where nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    tellHolder(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await new Promise((resolve) => server.close(resolve));
    await putItem((await start()).table, KEY, {});
  });

  it('is a port where the table of another folder answers: it is not taken for ours', async () => {
    const other = await startEmbeddedTable();
    stops.push(other.stop);
    tellHolder(other.endpoint);
    const lock = await takeLock(join(folder, 'lock'));
    const starting = start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await lock?.release();
    await putItem((await starting).table, KEY, {});
    expect(await readItem(other.table, KEY)).toBeUndefined();
  });

  it('is half a file', async () => {
    writeFileSync(join(folder, 'holder.json'), '{"endpoint":"http');
    await putItem((await start()).table, KEY, {});
  });
});

describe('a program that cannot have the table says so', () => {
  it('when its holder does not answer', async () => {
    const lock = await takeLock(join(folder, 'lock'));
    stops.push(async () => lock?.release());
    tellHolder(await listen(() => undefined));
    await expect(startKeptTable(folder)).rejects.toThrow(
      'Process 4711 has the table in .gatepass/ open and does not answer: continue it, or end it.',
    );
  });

  it.each(['lock', 'table'])('when %s/ is not a folder that it can open', async (name) => {
    writeFileSync(join(folder, name), '');
    await expect(startKeptTable(folder)).rejects.toThrow(
      /^\S+ can't be used \(.+\)\. Remove \.gatepass\/ to start anew, or/,
    );
  });

  it('when its disk is full, which needs room and not that all be removed', () => {
    const full = new Error('IO error: /a/lock/MANIFEST-000008: No space left on device');
    expect(unusable('/a/lock', full).message).toMatch(/No space left on device\)\. Make room on its disk\.$/);
  });

  it('when a program that does not know of the lock has the table open', async () => {
    const lock = await takeLock(join(folder, 'table'));
    stops.push(async () => lock?.release());
    await expect(startKeptTable(folder)).rejects.toThrow(/table can't be used \(another program has it open\)/);
  });
});
