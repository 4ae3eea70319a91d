import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { importRealm, type Realm, type RealmUser } from '../e2e/support/realm.ts';
import { aws, gatepass, mustRun } from './support/aws.ts';
import { invoke, physicalId, readLog, setVariables } from './support/functions.ts';
import { type Role, roleOf } from './support/roles.ts';
import { deploy, type Outputs } from './support/stack.ts';
import { call } from './support/stage.ts';
import { startTlsKeycloak, type TlsKeycloak } from './support/tls-keycloak.ts';

const STACK = 'everything';
const SECRET = 'gatepass/sync-client-secret';

let started: TlsKeycloak;
let realm: Realm;
let ada: RealmUser;
let parameters: Readonly<Record<string, string>>;
let outputs: Outputs;
let syncFunction = '';
let syncRole: Role;
let key = '';
let api: Outputs;

beforeAll(async () => {
  started = await startTlsKeycloak(inject('folder'));
  realm = await importRealm(started.keycloak);
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  const { TopicArn } = v.parse(
    v.object({ TopicArn: v.string() }),
    await aws('sns', 'create-topic', '--name', 'faults'),
  );
  const secret = join(inject('folder'), 'secret.txt');
  await writeFile(secret, `${await realm.secretOf('gatepass-sync')}\n`);
  await aws('secretsmanager', 'create-secret', '--name', SECRET, '--secret-string', `file://${secret}`);
  parameters = {
    Issuer: `${started.origin}/realms/gatepass`,
    Audience: 'demo-api',
    Clients: 'demo-web',
    AccountCheck: 'all',
    PolicyConditions: 'off',
    ImportedPrefixes: 'legacy_',
    MemorySize: '1024',
    LogRetentionDays: '7',
    AlarmTopicArn: TopicArn,
    Sync: 'true',
    ExampleApi: 'true',
    AuthorizerTtl: '1',
    CorsOrigin: 'https://app.example.com',
    ChallengeRealm: 'shop',
    CaFile: '/opt/ca.pem',
    LayerArn: await publishLayer(started.caFile),
  };
  outputs = await deploy(STACK, inject('template'), parameters);
  api = await deploy(`${STACK}-api`, 'infra/attach/cloudformation/template.yaml', {
    AuthorizerArn: `/${STACK}/authorizer-arn`,
  });
  syncFunction = await physicalId(STACK, 'SyncFunction');
  // The emulator unpacks a layer elsewhere than in /opt.
  for (const name of [syncFunction, outputs['AuthorizerArn'] ?? '']) {
    await setVariables(name, { NODE_EXTRA_CA_CERTS: started.caFile });
  }
  syncRole = await roleOf(syncFunction);
  const table = ['--table', outputs['TableName'] ?? ''];
  await gatepass('users', 'create', ada.id, ...table);
  key = (
    await gatepass('keys', 'create', '--user', ada.id, '--name', 'laptop', '--expires', '90d', ...table)
  ).stdout.trim();
});

afterAll(() => started?.stop());

/** As docs/deploy.md says. */
async function publishLayer(caFile: string): Promise<string> {
  const zip = join(inject('folder'), 'ca.zip');
  await mustRun('python3', ['-m', 'zipfile', '-c', zip, caFile]);
  const which = ['--layer-name', 'realm-ca', '--zip-file', `fileb://${zip}`];
  const published = await aws('lambda', 'publish-layer-version', ...which);
  return v.parse(v.object({ LayerVersionArn: v.string() }), published).LayerVersionArn;
}

describe('the template with everything on', () => {
  test('lets a key with an end in, and a token of a realm behind a private CA', async () => {
    const { access_token: token } = await realm.logIn('demo-web', ada);
    expect(await call(api['ApiUrl'], '/orders/7', key)).toEqual({
      status: 200,
      body: JSON.stringify({ userId: ada.id, authMethod: 'api_key' }),
    });
    expect(await call(api['ApiUrl'], '/orders/7', `Bearer ${token}`)).toEqual({
      status: 200,
      body: JSON.stringify({ userId: ada.id, authMethod: 'bearer' }),
    });
  });

  test('says in its log that policies have no conditions', async () => {
    const lines = await readLog(outputs['AuthorizerLogGroup'] ?? '');
    expect(lines).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('may outlive its token') }),
    );
  });
});

/** The lines of the sync's passes. */
async function passes(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await readLog(await physicalId(STACK, 'SyncLogGroup'))).filter(({ pass }) => pass !== undefined);
}

describe('the sync', () => {
  test('brings an account into line by a full pass', async () => {
    const { isError } = await invoke(syncFunction, { pass: 'full' });
    expect({ isError, line: (await passes()).at(-1) }).toMatchObject({ isError: false, line: { outcome: 'done' } });
    const { stdout } = await gatepass('users', 'show', ada.id, '--json', '--table', outputs['TableName'] ?? '');
    expect(JSON.parse(stdout)).toMatchObject({ firstName: 'Ada', email: 'ada@example.com' });
  });

  test('runs by its schedule', async () => {
    const before = (await passes()).filter(({ outcome }) => outcome === 'done').length;
    for (let tries = 0; tries < 40; tries++) {
      await sleep(3000);
      const done = (await passes()).filter(({ outcome }) => outcome === 'done');
      if (done.length > before) return;
    }
    expect.fail('no pass in two minutes');
  }, 180_000);

  test.each([
    ['ReadAccountsAndState dynamodb:Scan', 'full'],
    ['ReadClientSecret secretsmanager:GetSecretValue', 'full'],
  ])('fails without %s, and says what it was refused', async (right, pass) => {
    // A new start, which has neither a token of the realm nor a connection.
    await setVariables(syncFunction, { RESTARTED_FOR: right });
    const { isError, payload } = await syncRole.without(right, () => invoke(syncFunction, { pass }));
    expect({ isError, said: JSON.stringify(payload) }).toEqual({
      isError: true,
      said: expect.stringMatching(/access|denied|authorized|may not/i),
    });
  });
});

test('a second deployment with changed parameters goes through, and the key goes on working', async () => {
  await deploy(STACK, inject('template'), {
    ...parameters,
    AuthorizerTtl: '30',
    MemorySize: '512',
    AccessLogs: 'false',
  });
  expect((await call(api['ApiUrl'], '/orders/7', key)).status).toBe(200);
});
