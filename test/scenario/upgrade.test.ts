import { readFileSync } from 'node:fs';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { readVariables } from '../../src/config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../../src/config/variables/authorizer.ts';
import { SYNC_VARIABLES } from '../../src/config/variables/sync.ts';
import type { Variables } from '../../src/config/variables/variable.ts';
import { LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { openTable } from '../../src/table/table.ts';
import { readReleasedItems, releasedKey } from '../deploy/support/released.ts';
import { readText } from '../docs/markdown.ts';
import { useGatepass } from '../support/gatepass.ts';

// The table and the configuration of an earlier state, with the code of now. `npm run test:deploy` upgrades the stack.

const STATE = 'test/deploy/released/616bad8';
const items = await readReleasedItems();
const keyOf = (name: string, secret?: string) => releasedKey(items, name, secret);

describe('the table of an earlier state', () => {
  const create = useGatepass();

  beforeAll(async () => {
    const { client } = openTable(LOCAL_TABLE);
    const puts = items.map((Item) => ({ PutRequest: { Item } }));
    // As DynamoDB writes them, which the file has.
    const RequestItems = { [LOCAL_TABLE]: puts } as unknown as BatchWriteItemCommand['input']['RequestItems'];
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems).toEqual({});
    client.destroy();
  });

  it.each([
    ['a key', keyOf('laptop'), 'api_key.valid'],
    ['a key with a scope', keyOf('scoped'), 'api_key.valid'],
    ['a key with networks', keyOf('networks'), 'api_key.valid'],
    ['a rotated key', keyOf('rotated', 'rotated, second secret'), 'api_key.valid'],
    ['an imported key', keyOf('imported'), 'api_key.valid'],
    ['a disabled key', keyOf('disabled'), 'api_key.inactive'],
    ['a deleted key', keyOf('deleted'), 'api_key.deleted'],
    ["a disabled user's key", keyOf('of a disabled user'), 'api_key.account_disabled'],
    ["a deleted user's key", keyOf('of a deleted user'), 'api_key.deleted'],
  ])('decides %s as it did', async (_, key, reason) => {
    expect((await create().answer(key)).log.reason).toBe(reason);
  });

  it('has keys that can be changed', async () => {
    const gatepass = create();
    const { client } = openTable(LOCAL_TABLE);
    const admin = {
      table: { client, name: LOCAL_TABLE },
      now: gatepass.clock.now,
      randomBytes: () => new Uint8Array(32),
    };
    const [, , keyId = ''] = keyOf('laptop').split('_');
    const { key } = await rotateKey(admin, { userId: 'user-ada', keyId }, { graceSeconds: 0 });
    expect((await gatepass.answer(key)).log.reason).toBe('api_key.valid');
    expect((await gatepass.answer(keyOf('laptop'))).log.outcome).toBe('deny');
    client.destroy();
  });
});

describe('the configuration of an earlier state', () => {
  const before = readText(`${STATE}/template.yaml`);
  const now = readText('template.yaml');

  it.each([
    ['AuthorizerFunction', AUTHORIZER_VARIABLES],
    ['SyncFunction', SYNC_VARIABLES],
  ] as const)('is one that the %s starts with', (name, variables: Variables) => {
    const [, text = ''] = new RegExp(`^  ${name}:[\\s\\S]*?Variables:\\n((?: {10}.*\\n)+)`, 'm').exec(before) ?? [];
    const names = [...text.matchAll(/GATEPASS_\w+/g)].map(([variable]) => variable);
    expect(names.length).toBeGreaterThan(4);
    const env = Object.fromEntries(names.map((variable) => [variable, variables[variable]?.example]));
    expect(readVariables(variables, env)).toHaveProperty('values');
  });

  it('has parameters that the template still takes, which asks for no others', () => {
    const taken = parametersOf(now);
    for (const parameter of Object.keys(parametersOf(before))) expect(taken).toHaveProperty(parameter);
    for (const [name, text] of Object.entries(taken)) {
      if (!(name in parametersOf(before))) expect(text, name).toContain('Default:');
    }
  });
});

it('the changelog names the format that docs/table.md describes', () => {
  const [, format] = /^Table format: (\d+)/m.exec(readFileSync('CHANGELOG.md', 'utf8')) ?? [];
  expect(format).toBeDefined();
  expect(readText('docs/table.md')).toContain(`This is format ${format}.`);
});

/** Each parameter with what stands below it. */
function parametersOf(template: string): Readonly<Record<string, string>> {
  const [, block = ''] = /^Parameters:\n((?: .*\n|\n)+)/m.exec(template) ?? [];
  return Object.fromEntries(
    [...block.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].map(([, name, text]) => [name, text]),
  );
}
