import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { getKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { PROGRAM_LIMIT_MS } from '../support/program.ts';
import { leaksOf } from '../support/secrets.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.mjs', import.meta.url));

let embedded: EmbeddedTable;
let home: string;
let admin: Admin;
let users = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gatepass-leak-'));
  embedded = await startEmbeddedTable();
  admin = openAdmin({ table: embedded.table });
});

afterAll(async () => {
  await embedded.stop();
  rmSync(home, { recursive: true });
});

async function givenKey() {
  const userId = `user-${users++}`;
  await createAccount(admin, { userId });
  const { key, item } = await createKey(admin, { userId, name: 'CI' });
  return { key, userId, keyId: item.keyId };
}

/** Starts the built command, with an open standard input. */
function begin(...args: readonly string[]) {
  const connection = ['--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint];
  const child = spawn(process.execPath, [PROGRAM, 'keys', 'revoke-leaked', ...connection, ...args], {
    env: { HOME: home, ...LOCAL_AWS },
    timeout: PROGRAM_LIMIT_MS,
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => undefined); // a command that fails at once doesn't read
  const done = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(([status, out, err]) => ({
    status,
    out,
    err,
  }));
  return { child, done };
}

/** Runs it with a text. */
function revokeLeaked(input: Iterable<string | Buffer>, ...args: readonly string[]) {
  const { child, done } = begin(...args);
  Readable.from(input).pipe(child.stdin);
  return done;
}

describe('gatepass keys revoke-leaked', () => {
  it('disables what works, says whose it is, exits with 3, and with 0 when asked again', async () => {
    const { key, userId, keyId } = await givenKey();
    const { status, out, err } = await revokeLeaked([`x=${key}\n`], '--where', 'https://paste.example/1');
    expect(out).toMatch(/^KEY +USER +NAME +STATE +SECRET +WORKED +DONE +WHERE\n/);
    expect(out).toMatch(
      new RegExp(
        `\n${keyId} +${userId} +CI +disabled \\(leaked\\) +current +yes +disabled +https://paste.example/1\n$`,
      ),
    );
    expect(err).toBe(
      '0.0 MB read, 1 look-up. Keys found: 1, of which 1 worked. Not of this table, or removed: 0. Of wrong checksum: 0.\n',
    );
    expect(status).toBe(3);
    expect(leaksOf(key.slice(-49), [out, err])).toEqual([]);
    expect(await getKey(admin, keyId)).toMatchObject({ active: false, disabledBy: 'leak' });
    expect(await revokeLeaked([key])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/ current +no +nothing\n/),
    });
  });

  it('says what it would do, and deletes if told to', async () => {
    const { key, keyId } = await givenKey();
    const dry = await revokeLeaked([key], '--dry-run', '--delete');
    expect(dry).toMatchObject({ status: 3, out: expect.stringMatching(/ active +current +yes +would be: deleted\n/) });
    expect(await getKey(admin, keyId)).toMatchObject({ active: true });
    expect(await revokeLeaked([key], '--delete')).toMatchObject({ status: 3 });
    expect(await getKey(admin, keyId)).toMatchObject({ deleted: true });
  });

  it('prints the same as JSON, with what it read', async () => {
    const { key, keyId, userId } = await givenKey();
    const { status, out, err } = await revokeLeaked([`${key}\n${key.slice(0, -1)}_`], '--json');
    expect({ status, err }).toEqual({ status: 3, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      ...{ bytes: 2 * key.length + 1, reads: 1, keysFound: 1, lookAlikes: 0, unknownKeys: 0, isComplete: true },
      keys: [{ keyId, userId, secret: 'current', wasLive: true, done: 'disabled', active: false }],
    });
    expect(leaksOf(key.slice(-49), [out])).toEqual([]);
  });

  it('exits with 2 for a compressed text, in which it would find nothing', async () => {
    const { key, keyId } = await givenKey();
    expect(await revokeLeaked([gzipSync(key)])).toMatchObject({
      ...{ status: 2, out: '' },
      err: expect.stringMatching(/compressed \(gzip\).*Unpack it first/),
    });
    expect(await getKey(admin, keyId)).toMatchObject({ active: true });
  });

  it('finds nothing in nothing, and in a text without a key', async () => {
    expect(await revokeLeaked([])).toMatchObject({ status: 0, out: '' });
    expect(await revokeLeaked([randomBytes(100_000)])).toMatchObject({ status: 0, out: '' });
  });

  it('exits with 1 when it was not all looked at, or the table can not be asked', async () => {
    const [one, two] = [await givenKey(), await givenKey()];
    const stopped = await revokeLeaked([one.key, two.key], '--max-reads', '1');
    expect(stopped).toMatchObject({ status: 1, out: expect.stringContaining(one.keyId) });
    expect(stopped.err).toMatch(/gatepass: There are more look-ups to make than 1: the rest was not looked at\. Raise/);
    const failed = await revokeLeaked([two.key], '--table', 'another-table');
    expect(failed).toMatchObject({ status: 1, err: expect.stringMatching(/^gatepass: There is no such table/) });
  });

  it('tells what it has done when it is interrupted in an input that does not end', async () => {
    const { key, keyId } = await givenKey();
    const { child, done } = begin();
    child.stdin.write(`${key} ${'x'.repeat(20_000)}`);
    await vi.waitFor(async () => expect(await getKey(admin, keyId)).toMatchObject({ active: false }), 60_000);
    child.kill('SIGINT');
    const { status, out, err } = await done;
    expect({ status, out }).toEqual({ status: 1, out: expect.stringContaining(keyId) });
    expect(err).toBe('gatepass: It was stopped: the rest was not looked at.\n');
  });

  it.each([
    ['--imported-prefixes *', ['--imported-prefixes', '*'], /give --imported-pattern too/],
    ['a pattern that is none', ['--imported-pattern', '['], /must be a regular expression/],
    ['a key for a pattern', ['--imported-pattern', 'sk_0123456789abcdef'], /and not a key/],
    ['no look-ups', ['--max-reads', '0'], /must be a whole number from 1/],
    ['both ways', ['--disable', '--delete'], /cannot be used with/],
  ])('exits with 2 for %s', async (_, args, message) => {
    expect(await revokeLeaked(['x'], ...args)).toMatchObject({ status: 2, err: expect.stringMatching(message) });
  });
});
