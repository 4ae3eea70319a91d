import { beforeAll, describe, expect, inject, test } from 'vitest';
import { openAdmin } from '../../src/accounts/admin.ts';
import { AdminError } from '../../src/accounts/admin-error.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import { createTestTable, type TestTable } from './support/table.ts';

let table: TestTable;

beforeAll(async () => {
  table = await createTestTable(inject('dynamoDbEndpoint'), 'commands');
});

describe('exit status 1, and nothing changed', () => {
  test('users create, when there is such a user', async () => {
    await table.commandDone('users', 'create', 'user-ada', '--email', 'ada@example.com', '--role', 'editor');
    await table.createKey('user-ada');
    const before = await table.readAccount('user-ada');
    expect(before).toMatchObject({ email: 'ada@example.com', roles: ['editor'], active: true, keyCount: 1 });

    const again = await table.command('users', 'create', 'user-ada', '--email', 'eve@example.com');
    expect(again).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('exists already') });
    expect(await table.readAccount('user-ada')).toEqual(before);
  });

  test('keys create, when there is no such user', async () => {
    const created = await table.command('keys', 'create', '--user', 'user-nobody', '--name', 'e2e');
    expect(created).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('no user user-nobody') });
    expect(await table.readAccount('user-nobody')).toBeUndefined();
    await expect(listKeys({ table, now: Date.now }, 'user-nobody')).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

test('of 60 keys created at once for one user, 50 are made and 10 are refused', async () => {
  await table.commandDone('users', 'create', 'user-busy');
  const admin = openAdmin({ table });
  const attempts = Array.from({ length: 60 }, (_, index) =>
    createKey(admin, { userId: 'user-busy', name: `key ${index}` }),
  );
  const results = await Promise.allSettled(attempts);

  const refusals = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refusals).toHaveLength(10);
  for (const refusal of refusals) {
    expect(refusal).toBeInstanceOf(AdminError);
    expect(refusal).toMatchObject({ code: 'too_many_keys' });
  }
  expect(await listKeys(admin, 'user-busy')).toHaveLength(50);
  expect(await table.readAccount('user-busy')).toMatchObject({ keyCount: 50 });
});
