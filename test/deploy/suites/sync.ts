import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RealmUser } from '../../e2e/support/realm.ts';
import { aws, gatepass } from '../support/aws.ts';
import { type Everything, PAGE_CLIENT } from '../support/everything.ts';
import { type Invocation, invoke, readLog, setVariables } from '../support/functions.ts';
import { type Role, roleOf } from '../support/roles.ts';
import { call } from '../support/stage.ts';

const TWO_MONTHS_AGO = Math.floor(Date.now() / 1000) - 60 * 86_400;

type Line = Readonly<Record<string, unknown>>;

/** The sync, deployed: by its schedule, and by hand with one right of its role after the other taken away. */
export function describeSync(started: () => Everything): void {
  const pass = (which: 'quick' | 'full'): Promise<Invocation> =>
    invoke(started().resources.SyncFunction, { pass: which });

  async function passes(): Promise<readonly Line[]> {
    return (await readLog(started().resources.SyncLogGroup)).filter((line) => line['pass'] !== undefined);
  }

  const table = (option = '--table') => [option, started().outputs['TableName'] ?? ''];

  describe('the sync', () => {
    test('brings an account into line by a full pass', async () => {
      const { isError } = await pass('full');
      expect({ isError, line: (await passes()).at(-1) }).toMatchObject({ isError: false, line: { outcome: 'done' } });
      const { stdout } = await gatepass('users', 'show', started().ada.id, '--json', ...table());
      expect(JSON.parse(stdout)).toMatchObject({ firstName: 'Ada', email: 'ada@example.com' });
    });

    test('runs by its schedule', async () => {
      const done = async () => (await passes()).filter(({ outcome }) => outcome === 'done').length;
      const before = await done();
      for (let tries = 0; tries < 120 && (await done()) === before; tries++) await sleep(1000);
      expect(await done()).toBeGreaterThan(before);
    }, 180_000);
  });

  describe("the sync's role", () => {
    let role: Role;
    let bob: RealmUser;

    beforeAll(async () => {
      role = await roleOf(started().resources.SyncFunction);
      // By hand from here on: a pass of the schedule would take away what a test prepares.
      for (const rule of [started().resources.SyncFunctionQuickPass, started().resources.SyncFunctionFullPass]) {
        await aws('events', 'disable-rule', '--name', rule);
      }
      const profile = { email: 'bob@example.com', firstName: 'Bob', lastName: 'Builder' };
      bob = await started().realm.createUser({ username: 'bob', ...profile });
      await gatepass('users', 'create', bob.id, ...table());
      await gatepass('keys', 'create', '--user', bob.id, '--name', 'CI', ...table());
      await pass('full');
    });

    /** A pass that failed holds back the next for as long as it took. */
    async function settle(): Promise<void> {
      for (;;) {
        await pass('full');
        if ((await passes()).at(-1)?.['outcome'] === 'done') return;
        await sleep(500);
      }
    }

    /** Changes the user in the realm, so that a pass has something to write. */
    async function rename(): Promise<void> {
      const { admin } = started().realm;
      await admin.put(`/users/${bob.id}`, {
        ...((await admin.get(`/users/${bob.id}`)) as object),
        firstName: crypto.randomUUID(),
      });
    }

    /** Leaves an account for the sync to look up: a user who has none makes a key by self-service. */
    async function signUp(): Promise<void> {
      const { realm, outputs } = started();
      const username = crypto.randomUUID();
      const profile = { email: `${username}@example.com`, firstName: 'Cy', lastName: 'Coder' };
      const { access_token: token } = await realm.logIn(PAGE_CLIENT, await realm.createUser({ username, ...profile }));
      const request = { method: 'POST', body: { name: 'first' } };
      const made = await call(outputs['SelfServiceUrl'], '/api/keys', `Bearer ${token}`, request);
      expect(made.status).toBe(201);
    }

    /** Leaves an account to be deleted: its user isn't in the realm, and the sync disabled it two months ago. */
    async function leave(): Promise<void> {
      const userId = crypto.randomUUID();
      await gatepass('users', 'create', userId, ...table());
      const { stdout } = await gatepass('keys', 'create', '--user', userId, '--name', 'old', ...table());
      const [, , keyId = ''] = stdout.split('_');
      const account = { pk: { S: `account#${keyId.slice(0, 17)}` }, sk: { S: 'account' } };
      const change = 'SET active = :no, disabledBy = :sync, goneSince = :then';
      const values = { ':no': { BOOL: false }, ':sync': { S: 'sync' }, ':then': { N: String(TWO_MONTHS_AGO) } };
      await aws(
        ...['dynamodb', 'update-item', ...table('--table-name'), '--key', JSON.stringify(account)],
        ...['--update-expression', change, '--expression-attribute-values', JSON.stringify(values)],
      );
      const used = { pk: { S: `key#${keyId}` }, sk: { S: 'last' } };
      const usageTable = ['--table-name', started().resources.UsageTable];
      await aws('dynamodb', 'put-item', ...usageTable, '--item', JSON.stringify(used));
    }

    const NOTHING = async () => undefined;

    /** What each right is for: what has to be there for a pass to need it, and which pass. */
    const NEEDED_FOR: readonly (readonly [
      rights: readonly string[],
      prepare: () => Promise<void>,
      pass: 'quick' | 'full',
    ])[] = [
      [['ReadAccountsAndState dynamodb:BatchGetItem'], NOTHING, 'full'],
      [['ReadAccountsAndState dynamodb:GetItem'], signUp, 'quick'],
      [['ReadAccountsAndState dynamodb:Scan'], NOTHING, 'full'],
      [['SeeWhoHasKeysAndWhoIsNew dynamodb:Query'], NOTHING, 'quick'],
      [['ConfirmWhoIsNew dynamodb:DeleteItem'], signUp, 'quick'],
      [['ChangeAccounts dynamodb:UpdateItem'], rename, 'full'],
      // The emulator doesn't know the conditions that tell these apart.
      [
        ['KeepStateAndKeySet dynamodb:PutItem', 'LeaveTombstones dynamodb:PutItem', 'RevokeTokens dynamodb:PutItem'],
        NOTHING,
        'full',
      ],
      [['ForgetUsage dynamodb:Query'], leave, 'full'],
      [['ForgetUsage dynamodb:DeleteItem'], leave, 'full'],
      [['ReadClientSecret secretsmanager:GetSecretValue'], NOTHING, 'full'],
    ];

    test('has no right that nothing here needs, but to write its log', () => {
      expect(role.rights).toEqual(NEEDED_FOR.flatMap(([rights]) => rights).sort());
    });

    test.each(NEEDED_FOR)('%s: without it a pass fails, and its line says why', async (rights, prepare, which) => {
      if (which === 'full') await settle();
      await prepare();
      // A new start, which has neither a token of the realm nor a connection.
      await setVariables(started().resources.SyncFunction, { RESTARTED_FOR: rights.join() });
      const { isError } = await role.without(rights, () => pass(which));
      expect({ isError, line: (await passes()).at(-1) }).toMatchObject({
        isError: true,
        line: {
          pass: which,
          outcome: 'failed',
          reason: rights[0]?.startsWith('ReadClientSecret') ? 'secret' : 'table',
          why: expect.stringContaining('AccessDenied'),
        },
      });
      expect(await pass(which)).toMatchObject({ isError: false });
    });
  });
}
