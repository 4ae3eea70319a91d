import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { findKeys } from '../../src/accounts/find-key.ts';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { deleteKey } from '../../src/accounts/key-state.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { keysCommand } from '../../src/cli/keys.ts';
import { usersCommand } from '../../src/cli/users.ts';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, LOCAL_AWS, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { A_HASH } from '../support/secrets.ts';

/** An id that is not random, so that every part of it that is looked for has a digit. */
const ids = { now: Date.now, randomBytes: (size: number) => (size === 8 ? DIGITS : randomBytes(size)) };
const DIGITS = Buffer.from('0123456789abcdef', 'hex');

let embedded: EmbeddedTable;

/** Ada's key after a rotation, with a grace; Bob's, deleted; Cy's, imported. */
let ada: { keyId: string; oldest: string; replaced: string; current: string };
let bob: { keyId: string; key: string };
let cy: { keyId: string; key: string };

beforeAll(async () => {
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  embedded = await startEmbeddedTable();
  const { table } = embedded;
  const admin = openAdmin({ table });
  for (const userId of ['ada', 'bob']) await createAccount(admin, { userId });
  const { key: oldest, item } = await createKey({ ...admin, ...ids }, { userId: 'ada', name: 'CI' });
  const { key: replaced } = await rotateKey(admin, { userId: 'ada', keyId: item.keyId }, { graceSeconds: 0 });
  const { key: current } = await rotateKey(admin, { userId: 'ada', keyId: item.keyId }, { graceSeconds: 3600 });
  ada = { keyId: item.keyId, oldest, replaced, current };
  const made = await createKey(admin, { userId: 'bob', name: 'old' });
  await deleteKey(admin, { userId: 'bob', keyId: made.item.keyId });
  bob = { keyId: made.item.keyId, key: made.key };
  const key = `legacy_${randomBytes(24).toString('hex')}`;
  async function* lines() {
    yield { number: 1, raw: { userId: 'cy', key } };
  }
  await importLines(admin, lines(), {
    rules: { importedPrefixes: 'any', keyPrefix: 'gp', environment: 'live' },
    concurrency: 1,
    onRefused: (_, why) => expect.unreachable(why),
  });
  const [{ keyId } = { keyId: '' }] = await listKeys(admin, 'cy');
  cy = { keyId, key };
});

afterAll(() => embedded.stop());

/** The ids that a text leads to, each with what the text holds. */
async function find(text: string): Promise<readonly [keyId: string, holds: string][]> {
  return (await findKeys({ table: embedded.table }, text)).map(({ item, holds }) => [item.keyId, holds]);
}

describe('a whole key', () => {
  it('leads to its id, and tells whether its secret is the current one, the one before, or another', async () => {
    expect(await find(ada.current)).toEqual([[ada.keyId, 'current']]);
    expect(await find(ada.replaced)).toEqual([[ada.keyId, 'replaced']]);
    expect(await find(ada.oldest)).toEqual([[ada.keyId, 'other']]);
    const madeUp = createApiKey({ prefix: 'gp', environment: 'live', keyId: ada.keyId }, randomBytes);
    expect(await find(madeUp)).toEqual([[ada.keyId, 'other']]);
  });

  it('is found in the middle of a text, and with spaces around it', async () => {
    expect(await find(`curl -H "Authorization: Bearer ${ada.current}" https://api.example.com/`)).toEqual([
      [ada.keyId, 'current'],
    ]);
    expect(await find(`\n ${ada.current} \n`)).toEqual([[ada.keyId, 'current']]);
  });

  it('of another system leads to its key', async () => {
    expect(await find(cy.key)).toEqual([[cy.keyId, 'current']]);
  });

  it('that was deleted is still found', async () => {
    const [found] = await findKeys({ table: embedded.table }, bob.key);
    expect(found).toMatchObject({ holds: 'current', item: { keyId: bob.keyId, deleted: true, userId: 'bob' } });
  });

  it('of an id that is not there leads nowhere', async () => {
    const keyId = createKeyId('ada', randomBytes);
    expect(await find(createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes))).toEqual([]);
  });
});

describe('an id or a part of it', () => {
  it('leads to the key: whole, its first 17 characters or more, fewer of them, and a part of its middle', async () => {
    for (const length of [28, 27, 18, 17, 16, 6]) {
      expect(await find(ada.keyId.slice(0, length))).toEqual([[ada.keyId, 'id']]);
    }
    for (const part of [ada.keyId.slice(3, 23), ada.keyId.slice(17), ada.keyId.slice(1)]) {
      expect(await find(part)).toEqual([[ada.keyId, 'id']]);
    }
  });

  it('is found in a cut-off key, whatever of its secret is there', async () => {
    const whole = ada.current;
    for (const cut of [whole.slice(0, -1), whole.slice(0, 40), whole.slice(0, 20), `key=${whole.slice(0, 30)}…`]) {
      expect(await find(cut)).toEqual([[ada.keyId, 'id']]);
    }
  });

  it('is found in a line of a log', async () => {
    const line = `{"level":"info","outcome":"allow","apiKeyId":"${ada.keyId}","userId":"ada"}`;
    expect(await find(line)).toEqual([[ada.keyId, 'id']]);
  });

  it('may have no digit, when it is all that is given', async () => {
    const userId = 'wordy';
    const bytes = Buffer.from('fedcba9876543210', 'hex');
    const random = (size: number) => (size === bytes.length ? bytes : randomBytes(size));
    const admin = openAdmin({ table: embedded.table, randomBytes: random });
    await createAccount(admin, { userId });
    const { item } = await createKey(admin, { userId, name: 'CI' });
    const [letters = ''] = /[A-Za-z]{6,}/.exec(item.keyId.slice(17)) ?? [];
    expect(letters).not.toBe('');
    expect(await find(letters)).toEqual([[item.keyId, 'id']]);
  });

  it('leads to a key once, though the text holds several parts of it', async () => {
    expect(await find(`${ada.keyId} ${ada.keyId.slice(0, 20)}`)).toEqual([[ada.keyId, 'id']]);
  });

  it('that is of no key leads nowhere', async () => {
    expect(await find(createKeyId('ada', randomBytes))).toEqual([]);
    expect(await find('0zzzzzzzzzz9')).toEqual([]);
  });

  it('leads to no account and no pointer', async () => {
    const hash = createHash('sha256').update(cy.key).digest('hex');
    expect(await find(hash.slice(0, 28))).toEqual([]);
    expect(await find('account1')).toEqual([]);
  });
});

describe('a text with nothing to look for', () => {
  it.each(['', ' ', 'hello', 'the quick brown fox', '12345', 'gp_live_', 'gp_live_abc', '…', '----'])(
    'is invalid: "%s"',
    async (text) => {
      await expect(findKeys({ table: embedded.table }, text)).rejects.toMatchObject({
        name: 'AdminError',
        code: 'invalid_input',
        message: expect.stringContaining("give a whole key, a key's id, or at least 6 characters of one"),
      });
    },
  );

  it('is said to be so without repeating it', async () => {
    await expect(findKeys({ table: embedded.table }, 'quite secretive')).rejects.toThrow(/^(?!.*secretive).*$/s);
  });
});

describe('what the commands print', () => {
  /** Runs a command in this process. @returns all that it wrote, wherever to. */
  async function gatepass(...args: readonly string[]): Promise<string> {
    const output = recordOutput();
    const program = new Command('gatepass').addCommand(keysCommand(output)).addCommand(usersCommand(output));
    const connection = ['--table', embedded.table.name, '--endpoint-url', embedded.endpoint];
    await program.parseAsync([...args, ...connection], { from: 'user' });
    return output.everything();
  }

  it('is never a key, a secret or a hash', async () => {
    const commands = [ada.current, ada.replaced, ada.oldest, cy.key, ada.keyId, bob.key].flatMap((text) => [
      ['keys', 'find', text],
      ['keys', 'find', text, '--json'],
    ]);
    for (const keyId of [ada.keyId, bob.keyId, cy.keyId]) {
      commands.push(['keys', 'show', keyId], ['keys', 'show', keyId, '--json']);
    }
    for (const userId of ['ada', 'bob', 'cy']) {
      commands.push(['keys', 'list', '--user', userId], ['keys', 'list', '--user', userId, '--json']);
      commands.push(['users', 'show', userId], ['users', 'show', userId, '--json']);
    }
    commands.push(['users', 'list'], ['users', 'list', '--json']);

    const keys = [ada.current, ada.replaced, ada.oldest, bob.key, cy.key];
    const secrets = keys.map((key) => key.slice(key.lastIndexOf('_') + 1));
    for (const command of commands) {
      const written = await gatepass(...command);
      expect(written).toMatch(/ada|bob|cy/);
      expect(written).not.toMatch(A_HASH);
      for (const secret of secrets) expect(written).not.toContain(secret.slice(0, 12));
    }
  });

  it('claims no change where a key is only shown', async () => {
    const shown: unknown = JSON.parse(await gatepass('keys', 'show', ada.keyId, '--json'));
    expect(shown).toMatchObject({ keyId: ada.keyId, userId: 'ada' });
    expect(shown).not.toHaveProperty('changed');
  });

  it('tells what of a key the text held', async () => {
    expect(await gatepass('keys', 'find', ada.current)).toContain('its current secret');
    expect(await gatepass('keys', 'find', ada.replaced)).toContain('the secret that was replaced');
    expect(await gatepass('keys', 'find', ada.oldest)).toContain('another secret: an older one, or made up');
    expect(JSON.parse(await gatepass('keys', 'find', ada.keyId, '--json'))).toEqual([
      expect.objectContaining({ holds: 'id', keyId: ada.keyId, userId: 'ada' }),
    ]);
  });
});
