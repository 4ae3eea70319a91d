import { beforeAll, describe, expect, test } from 'vitest';
import { aws, awsAs, type Credentials } from '../support/aws.ts';
import type { Everything } from '../support/everything.ts';
import { credentialsOf, roleArnOf } from '../support/roles.ts';

const OTHER_SECRET = 'of-somebody-else';
const KEY = '{"pk":{"S":"account#somebody"},"sk":{"S":"account"}}';

const GET = ['dynamodb', 'get-item', '--key', KEY];
const PUT = ['dynamodb', 'put-item', '--item', KEY];
const DELETE = ['dynamodb', 'delete-item', '--key', KEY];
const SCAN = ['dynamodb', 'scan'];
const DELETE_TABLE = ['dynamodb', 'delete-table'];

/** What each function might do, were it broken into, and may not. */
const REFUSED: readonly (readonly [name: keyof Everything['resources'], commands: readonly (readonly string[])[]])[] = [
  ['AuthorizerFunction', [PUT, SCAN]],
  ['SelfServiceFunction', [DELETE, SCAN]],
  ['SyncFunction', [DELETE_TABLE]],
  ['UsageFunction', [GET, PUT, SCAN]],
  ['LogoutFunction', [GET, DELETE, SCAN]],
];

/** Uses the roles of a stack as somebody would who got hold of their credentials. */
export function describeLeastPrivilege(started: () => Everything): void {
  describe.each(REFUSED)('the role of %s', (name, commands) => {
    let credentials: Credentials;

    beforeAll(async () => {
      credentials = await credentialsOf(await roleArnOf(started().resources[name]));
    });

    const onTable = () => ['--table-name', started().outputs['TableName'] ?? ''];

    if (!commands.includes(GET)) {
      test('lets an item be read', async () => {
        const read = await awsAs(credentials, ...GET, ...onTable());
        expect(read).toMatchObject({ exitCode: 0 });
      });
    }

    test.each(commands.map((command) => [command.slice(0, 2).join(' '), command] as const))(
      'refuses %s',
      async (_, command) => {
        const { stderr } = await awsAs(credentials, ...command, ...onTable());
        expect(stderr).toContain('AccessDenied');
      },
    );

    test('refuses another table, and secrets that are not its own', async () => {
      const secret = ['secretsmanager', 'get-secret-value', '--secret-id', OTHER_SECRET];
      for (const command of [[...GET, '--table-name', 'of-somebody-else'], secret]) {
        const { stderr } = await awsAs(credentials, ...command);
        expect(stderr).toContain('AccessDenied');
      }
    });
  });

  beforeAll(async () => {
    await aws('secretsmanager', 'create-secret', '--name', OTHER_SECRET, '--secret-string', 'none');
  });
}
