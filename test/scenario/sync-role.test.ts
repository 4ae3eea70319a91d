import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { asObject, type JsonObject } from '../../src/local/gateway/json.ts';
import { apiKeyAt, revokedUserAt } from '../../src/table/items.ts';
import { markUnconfirmed } from '../../src/table/unconfirmed.ts';
import { HOUR, MINUTE, SECOND } from '../support/moved-clock.ts';
import { makeKeyPair } from '../support/realm.ts';
import { makeKey } from '../support/seed.ts';
import { ISSUER, numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

/** A request to the table, as IAM sees it. */
interface TableRequest {
  readonly action: string;
  /** Of usage, if not of accounts and keys. */
  readonly isOfUsage?: boolean;
  readonly leadingKeys: readonly string[];
  /** Of the item that is written, and of its expressions. */
  readonly attributes: readonly string[];
}

/** The words of DynamoDB's expressions. */
const WORDS = /^(SET|REMOVE|AND|OR|attribute_exists|attribute_not_exists|begins_with)$/;

function toRequest(name: string, input: JsonObject): TableRequest {
  const { Key, Item, ExpressionAttributeNames, ExpressionAttributeValues, RequestItems } = input;
  const expressions = ['UpdateExpression', 'ConditionExpression', 'KeyConditionExpression'].map((key) => input[key]);
  const named = expressions.flatMap((text) => String(text ?? '').match(/(?<![:#\w])[A-Za-z_]+/g) ?? []);
  const attributes = [
    ...Object.keys({ ...asObject(Key), ...asObject(Item) }),
    ...Object.values(asObject(ExpressionAttributeNames)).map(String),
    ...named.filter((word) => !WORDS.test(word)),
  ];
  const leading = asObject(Key ?? Item)['pk'] ?? asObject(ExpressionAttributeValues)[':pk'];
  const isBatch = RequestItems !== undefined || leading === undefined;
  const isOfUsage = String(leading).startsWith('key#'); // which is a sort key in the other table
  return {
    ...{ action: `dynamodb:${ACTIONS[name] ?? name}`, isOfUsage, attributes },
    leadingKeys: isBatch ? [] : [String(leading)],
  };
}

const ACTIONS: Readonly<Record<string, string>> = {
  BatchGetCommand: 'BatchGetItem',
  DeleteCommand: 'DeleteItem',
  GetCommand: 'GetItem',
  PutCommand: 'PutItem',
  QueryCommand: 'Query',
  ScanCommand: 'Scan',
  UpdateCommand: 'UpdateItem',
};

/** The statements of the sync's role on the table. */
const STATEMENTS = (() => {
  const role = asObject(asObject(readTemplate('template.yaml')['Resources'])['SyncRole']);
  const [policy] = asObject(role['Properties'])['Policies'] as JsonObject[];
  const statements = asObject(asObject(policy)['PolicyDocument'])['Statement'] as JsonObject[];
  // Some are there only with a usage table.
  return statements.map((statement) => asObject([statement['Fn::If'] ?? []].flat()[1] ?? statement));
})();

/** Whether a statement allows it, as IAM reads these two conditions: every value must be like one of those listed. */
function isAllowed({ Action, Condition, Resource }: JsonObject, request: TableRequest): boolean {
  const lists = Object.values(asObject(Condition)).map(asObject);
  const values: Readonly<Record<string, readonly string[]>> = {
    'dynamodb:LeadingKeys': request.leadingKeys,
    'dynamodb:Attributes': request.attributes,
  };
  return (
    [Action].flat().includes(request.action) &&
    JSON.stringify(Resource).includes('UsageTable') === (request.isOfUsage ?? false) &&
    lists.every((list) =>
      Object.entries(list).every(([key, patterns]) =>
        values[key]?.every((value) => [patterns].flat().some((pattern) => isLike(value, pattern))),
      ),
    )
  );
}

function isLike(value: string, pattern: unknown): boolean {
  const text = typeof pattern === 'string' ? pattern : String((pattern as JsonObject)['Fn::Sub']);
  const whole = text.replace('$' + '{Issuer}', ISSUER);
  return whole.endsWith('*') ? value.startsWith(whole.slice(0, -1)) : value === whole;
}

let scene: Scene;
let requests: TableRequest[];

beforeEach(async () => {
  scene = await startScene();
  requests = [];
  const { client } = scene.embedded.table;
  const send = client.send.bind(client);
  vi.spyOn(client, 'send').mockImplementation(async (command) => {
    requests.push(toRequest(command.constructor.name, command.input as unknown as JsonObject));
    return send(command);
  });
});

afterEach(() => scene.embedded.stop());

describe("the sync's role in the template", () => {
  it('allows each request of its passes', async () => {
    await scene.givenUsersWithKeys(...numbered(6), 'ada', 'bob');
    const imported = { ...apiKeyAt(makeKey('ada').keyId), userId: 'ada', importedHash: 'a'.repeat(64), active: true };
    const { client, name } = scene.embedded.table;
    await client.send(new PutCommand({ TableName: name, Item: imported }));
    await markUnconfirmed(scene.embedded.table, 'bob');
    requests.length = 0;

    scene.realm.keeps = 'kept';
    scene.realm.published = { keys: [makeKeyPair(0).jwk] };
    scene.realm.put('bob', { email: 'bob@example.com', firstName: 'Bob', lastName: 'Builder', roles: ['viewer'] });
    for (const id of ['ada', ...numbered(4)]) scene.realm.remove(id);
    const endBy = () => scene.clock.now() + 10 * MINUTE;
    await scene.pass({ endBy: scene.clock.now() }); // cut off at once
    await scene.pass({ endBy: endBy(), maxDisableShare: 1 });
    scene.clock.advance(SECOND);
    scene.realm.put('user-0');
    scene.realm.put('nobody', { notBefore: scene.clock.seconds() });
    scene.realm.notBefore$ = scene.clock.seconds();
    await scene.pass({ pass: 'quick', endBy: endBy() });
    const revoked = requests.flatMap(({ leadingKeys }) => leadingKeys.filter((key) => key.startsWith('revoked#')));
    expect(revoked).toEqual(['revoked#realm', revokedUserAt('nobody').pk]);
    scene.clock.advance(30 * 24 * HOUR);
    const { changes } = await scene.pass({ endBy: endBy() });
    expect(changes.filter(({ action }) => action === 'delete')).toHaveLength(4);

    const refused = requests.filter((request) => !STATEMENTS.some((statement) => isAllowed(statement, request)));
    expect(refused).toEqual([]);
    expect(new Set(requests.map(({ action }) => action))).toEqual(
      new Set(Object.values(ACTIONS).map((action) => `dynamodb:${action}`)),
    );
  });

  it.each<[string, TableRequest]>([
    [
      "to give a key another's hash",
      { action: 'dynamodb:UpdateItem', leadingKeys: ['account#x'], attributes: ['pk', 'sk', 'hash'] },
    ],
    [
      'to give a key another owner, or an account another user',
      { action: 'dynamodb:UpdateItem', leadingKeys: ['account#x'], attributes: ['pk', 'sk', 'userId'] },
    ],
    [
      'to make a key or an account',
      { action: 'dynamodb:PutItem', leadingKeys: ['account#x'], attributes: ['pk', 'sk', 'active'] },
    ],
    [
      "to lead an account's keys elsewhere",
      { action: 'dynamodb:PutItem', leadingKeys: ['account#x'], attributes: ['pk', 'sk', 'deleted', 'movedTo'] },
    ],
    [
      'to lead an imported key elsewhere',
      { action: 'dynamodb:PutItem', leadingKeys: ['imported#x'], attributes: ['pk', 'sk', 'keyId'] },
    ],
    [
      "to write another realm's key set",
      { action: 'dynamodb:PutItem', leadingKeys: ['jwks#https://other.example.com/realms/main'], attributes: ['jwks'] },
    ],
    ['to remove an account', { action: 'dynamodb:DeleteItem', leadingKeys: ['account#x'], attributes: ['pk', 'sk'] }],
  ])('does not allow %s', (_, request) => {
    expect(STATEMENTS.some((statement) => isAllowed(statement, request))).toBe(false);
  });
});
