import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { gatepass } from './support/aws.ts';
import { decide } from './support/functions.ts';
import { type Role, roleOf } from './support/roles.ts';
import { deploy, type Outputs } from './support/stack.ts';

let outputs: Outputs;
let role: Role;
let key = '';
const imported = `legacy_${crypto.randomUUID()}${crypto.randomUUID()}`;

beforeAll(async () => {
  outputs = await deploy('roles', inject('template'), {
    Issuer: 'https://id.example.com/realms/main',
    Audience: 'demo-api',
    ImportedPrefixes: 'legacy_',
  });
  role = await roleOf(outputs['AuthorizerArn'] ?? '');
  const table = ['--table', outputs['TableName'] ?? ''];
  expect((await gatepass('users', 'create', 'user-42', ...table)).exitCode).toBe(0);
  key = (await gatepass('keys', 'create', '--user', 'user-42', '--name', 'own', ...table)).stdout.trim();
  const file = join(inject('folder'), 'imported.csv');
  await writeFile(file, `userId,key\nuser-42,${imported}\n`);
  const { exitCode, stderr } = await gatepass('import', file, '--imported-prefixes', 'legacy_', ...table);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
});

/** What each right is for. */
const NEEDED_FOR = {
  'ReadKeysAndAccounts dynamodb:BatchGetItem': () => key,
  'ReadKeysAndAccounts dynamodb:GetItem': () => imported,
} as const;

describe("the authorizer's role", () => {
  test('has no right that nothing here needs, but to write its log', () => {
    expect(role.rights).toEqual(Object.keys(NEEDED_FOR).sort());
  });

  test('lets it decide a key of ours and an imported one', async () => {
    for (const value of [key, imported]) {
      expect(await decide(outputs, value)).toMatchObject({
        isError: false,
        line: { outcome: 'allow', reason: 'api_key.valid' },
      });
    }
  });

  test.each(Object.entries(NEEDED_FOR))(
    '%s: without it the decision is fault.table, which names the denial',
    async (right, value) => {
      const { isError, line } = await role.without([right], () => decide(outputs, value()));
      expect({ isError, ...line }).toMatchObject({
        isError: true,
        outcome: 'fault',
        reason: 'fault.table',
        fault: expect.stringContaining('AccessDenied'),
      });
      expect(await decide(outputs, value())).toMatchObject({ isError: false });
    },
  );
});
