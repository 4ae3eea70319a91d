import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { disableKeys } from '../../src/accounts/disable-keys.ts';
import { deleteKey, disableKey, enableKey, getKey } from '../../src/accounts/key-state.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import { moveAccount } from '../../src/accounts/move-account.ts';
import { createOwnKey } from '../../src/accounts/own-keys.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createMovedClock } from '../support/moved-clock.ts';

let embedded: EmbeddedTable;
let admin: Admin;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
  admin = openAdmin({ table: embedded.table, now: createMovedClock().now });
});

afterAll(() => embedded.stop());

/** Does something before the next key's item is written. */
function beforeKeyIsPut(act: () => Promise<unknown>): void {
  const { client } = embedded.table;
  const send = client.send.bind(client);
  const spy = vi.spyOn(client, 'send').mockImplementation(async (command) => {
    if (command instanceof PutCommand && String(command.input.Item?.['sk']).startsWith('key#')) {
      spy.mockRestore();
      await act();
    }
    return send(command);
  });
}

describe('disabling all keys of a user', () => {
  it('disables those that are not yet, wherever they lie, and tells which', async () => {
    for (const userId of ['old-id', 'new-id']) await createAccount(admin, { userId });
    const moved = (await createKey(admin, { userId: 'old-id', name: 'moved' })).item.keyId;
    const disabled = (await createKey(admin, { userId: 'new-id', name: 'disabled' })).item.keyId;
    const deleted = (await createKey(admin, { userId: 'new-id', name: 'deleted' })).item.keyId;
    await moveAccount(admin, { from: 'old-id', to: 'new-id', merge: true });
    await disableKey(admin, { userId: 'new-id', keyId: disabled });
    await deleteKey(admin, { userId: 'new-id', keyId: deleted });
    expect((await disableKeys(admin, 'new-id')).map(({ keyId }) => keyId)).toEqual([moved]);
    expect(await getKey(admin, deleted)).not.toHaveProperty('disabledBy');
    expect(await disableKeys(admin, 'new-id')).toEqual([]);
  });

  it('keeps its owner from enabling one that they had disabled themselves', async () => {
    await createAccount(admin, { userId: 'bob' });
    const { keyId } = (await createKey(admin, { userId: 'bob', name: 'own' })).item;
    await disableKey(admin, { userId: 'bob', keyId }, 'user');
    await disableKeys(admin, 'bob');
    await expect(enableKey(admin, { userId: 'bob', keyId }, 'user')).rejects.toMatchObject({
      code: 'disabled_by_other',
    });
  });

  it('is not survived by a key that its owner is making at this moment, in the same second too', async () => {
    await createAccount(admin, { userId: 'cal' });
    await disableKeys(admin, 'cal');
    beforeKeyIsPut(() => disableKeys(admin, 'cal'));
    await expect(createOwnKey(admin, { userId: 'cal', name: 'late' })).rejects.toMatchObject({
      code: 'user_not_active',
    });
    expect((await listKeys(admin, 'cal')).filter(({ active }) => active === true)).toEqual([]);
  });

  it('leaves the user as they are: what they make afterwards works', async () => {
    await createAccount(admin, { userId: 'dan' });
    await disableKeys(admin, 'dan');
    expect(await getAccount(admin, 'dan')).toMatchObject({ active: true });
    const { item } = await createOwnKey(admin, { userId: 'dan', name: 'new' });
    expect(await getKey(admin, item.keyId)).toMatchObject({ active: true });
  });
});
