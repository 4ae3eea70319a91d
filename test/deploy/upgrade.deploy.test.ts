import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { aws, gatepass } from './support/aws.ts';
import { decide } from './support/functions.ts';
import { layOutReleased, readReleasedItems, releasedKey } from './support/released.ts';
import { deploy, type Outputs } from './support/stack.ts';
import { call } from './support/stage.ts';

const STACK = 'upgraded';
const PARAMETERS = {
  Issuer: 'https://id.example.com/realms/main',
  Audience: 'demo-api',
  ImportedPrefixes: 'legacy_',
  Sync: 'true',
  ExampleApi: 'true',
};

const items = await readReleasedItems();
const keyOf = (name: string, secret?: string) => releasedKey(items, name, secret);

let before: Outputs;
let after: Outputs;

beforeAll(async () => {
  const template = await layOutReleased(join(inject('folder'), 'released'));
  before = await deploy(STACK, template, PARAMETERS);
  const requests = join(inject('folder'), 'released-items.json');
  const puts = items.map((Item) => ({ PutRequest: { Item } }));
  await writeFile(requests, JSON.stringify({ [before['TableName'] ?? '']: puts }));
  expect(await aws('dynamodb', 'batch-write-item', '--request-items', `file://${requests}`)).toEqual({
    UnprocessedItems: {},
  });
});

/** What is decided of a key of that time, and what its policy still asks of each request. */
const EXPECTED: readonly (readonly [what: string, key: string, line: object, condition?: string])[] = [
  ['a key', keyOf('laptop'), { outcome: 'allow', reason: 'api_key.valid' }],
  ['one that ends', keyOf('ends'), { outcome: 'allow', reason: 'api_key.valid' }, 'aws:CurrentTime'],
  ['one with a scope', keyOf('scoped'), { outcome: 'allow', reason: 'api_key.valid' }],
  ['one with networks', keyOf('networks'), { outcome: 'allow', reason: 'api_key.valid' }, 'aws:SourceIp'],
  ['a rotated one', keyOf('rotated', 'rotated, second secret'), { outcome: 'allow', reason: 'api_key.valid' }],
  ['an imported one', keyOf('imported'), { outcome: 'allow', reason: 'api_key.valid' }],
  ['the replaced secret of a rotated one', keyOf('rotated'), { outcome: 'deny', reason: 'api_key.replaced' }],
  ['a disabled one', keyOf('disabled'), { outcome: 'deny', reason: 'api_key.inactive' }],
  ['a deleted one', keyOf('deleted'), { outcome: 'deny' }],
  ['one of a disabled user', keyOf('of a disabled user'), { outcome: 'deny' }],
  ['one of a deleted user', keyOf('of a deleted user'), { outcome: 'deny' }],
];

async function expectDecisions(outputs: Outputs): Promise<void> {
  for (const [what, key, line, condition] of EXPECTED) {
    const decision = await decide(outputs, key);
    expect({ what, ...decision }).toMatchObject({ what, isError: false, line });
    if (condition !== undefined) expect(JSON.stringify(decision.payload)).toContain(condition);
  }
  expect((await call(outputs['ExampleApiUrl'], '/api/v1/whoami', keyOf('laptop'))).status).toBe(200);
}

describe('a stack from before the tree was redesigned', () => {
  test('decides its own keys', () => expectDecisions(before));

  test('is upgraded in place: the same table, function and outputs', async () => {
    after = await deploy(STACK, inject('template'), PARAMETERS);
    // The emulator makes a REST API anew; AWS changes it.
    expect(after).toEqual({ ...before, ExampleApiUrl: expect.anything() });
  });

  test('decides the keys that it had as before', () => expectDecisions(after));

  test('has keys that the command goes on with', async () => {
    const table = ['--table', after['TableName'] ?? ''];
    const [, , keyId = ''] = keyOf('laptop').split('_');
    const rotated = await gatepass('keys', 'rotate', keyId, '--grace', '0s', ...table);
    expect(rotated).toMatchObject({ exitCode: 0 });
    expect((await decide(after, rotated.stdout.trim())).line).toMatchObject({ reason: 'api_key.valid' });
    expect((await decide(after, keyOf('laptop'))).line).toMatchObject({ outcome: 'deny' });

    expect(await gatepass('users', 'enable', 'user-bob', ...table)).toMatchObject({ exitCode: 0 });
    expect((await decide(after, keyOf('of a disabled user'))).line).toMatchObject({ reason: 'api_key.valid' });
    expect(await gatepass('users', 'disable', 'user-ada', ...table)).toMatchObject({ exitCode: 0 });
    expect((await decide(after, keyOf('imported'))).line).toMatchObject({ outcome: 'deny' });
  });
});
