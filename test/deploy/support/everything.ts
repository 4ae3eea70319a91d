import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { inject } from 'vitest';
import { importRealm, type Realm, type RealmUser } from '../../e2e/support/realm.ts';
import { aws, gatepass, mustRun } from './aws.ts';
import { setVariables } from './functions.ts';
import { deploy, type Outputs, physicalIds } from './stack.ts';
import { startTlsKeycloak, type TlsKeycloak } from './tls-keycloak.ts';

export const STACK = 'everything';

/** The client of the self-service page. */
export const PAGE_CLIENT = 'gatepass-keys-page';

/** What of the stack the tests use, by its name in the template. */
const RESOURCES = [
  'AuthorizerFunction',
  'LogoutFunction',
  'LogoutLogGroup',
  'SelfServiceAuthorizerFunction',
  'SelfServiceAuthorizerLogGroup',
  'SelfServiceFunction',
  'SelfServiceLogGroup',
  'SyncFunction',
  'SyncFunctionFullPass',
  'SyncFunctionQuickPass',
  'SyncLogGroup',
  'UsageFunction',
  'UsageLogGroup',
  'UsageSubscription',
  'UsageTable',
] as const;

/** The template with everything on, attached to an API, with a Keycloak behind a private CA. */
export interface Everything {
  readonly realm: Realm;
  /** A user with an account and a key that ends. */
  readonly ada: RealmUser;
  readonly key: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Outputs;
  /** Of the stack of the API. */
  readonly api: Outputs;
  readonly resources: Readonly<Record<(typeof RESOURCES)[number], string>>;
  stop(): Promise<void>;
}

export async function startEverything(): Promise<Everything> {
  const started = await startTlsKeycloak(inject('folder'));
  try {
    return { ...(await deployEverything(started)), stop: started.stop };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function deployEverything({ keycloak, origin, caFile }: TlsKeycloak): Promise<Omit<Everything, 'stop'>> {
  const realm = await importRealm(keycloak);
  await takePasswords(realm, PAGE_CLIENT);
  const ada = await realm.createUser({
    username: 'ada',
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
  });
  await keepSecret(realm);
  const parameters = {
    Issuer: `${origin}/realms/gatepass`,
    Audience: 'demo-api',
    Clients: 'demo-web',
    AccountCheck: 'all',
    PolicyConditions: 'off',
    ImportedPrefixes: 'legacy_',
    MemorySize: '1024',
    LogRetentionDays: '7',
    AlarmTopicArn: await createTopic(),
    Sync: 'true',
    SelfService: 'true',
    Usage: 'true',
    UsageAlerts: 'true',
    LogoutReceiver: 'true',
    LogoutClients: 'demo-web',
    ExampleApi: 'true',
    AuthorizerTtl: '1',
    CorsOrigin: 'https://app.example.com',
    ChallengeRealm: 'shop',
    CaFile: '/opt/ca.pem',
    LayerArn: await publishLayer(caFile),
  };
  const outputs = await deploy(STACK, inject('template'), parameters);
  const api = await deploy(`${STACK}-api`, 'infra/attach/cloudformation/template.yaml', {
    AuthorizerArn: `/${STACK}/authorizer-arn`,
  });
  const all = await physicalIds(STACK);
  const resources = Object.fromEntries(RESOURCES.map((name) => [name, all[name]])) as Everything['resources']; // all are on
  for (const [name, id] of Object.entries(resources)) {
    // The emulator unpacks a layer elsewhere than in /opt.
    if (name.endsWith('Function')) await setVariables(id, { NODE_EXTRA_CA_CERTS: caFile });
  }
  return {
    realm,
    ada,
    key: await createKey(ada, outputs),
    parameters,
    outputs,
    api,
    resources,
  };
}

/** Has a client take passwords, which the realm file allows to none: the tests have no browser to log in with. */
async function takePasswords({ admin }: Realm, clientId: string): Promise<void> {
  const found = await admin.get(`/clients?clientId=${clientId}`);
  const [client] = v.parse(v.tuple([v.looseObject({ id: v.string() })]), found);
  await admin.put(`/clients/${client.id}`, { ...client, directAccessGrantsEnabled: true });
}

/** As docs/deploy.md says. */
async function keepSecret(realm: Realm): Promise<void> {
  const file = join(inject('folder'), 'secret.txt');
  await writeFile(file, `${await realm.secretOf('gatepass-sync')}\n`);
  const which = ['--name', 'gatepass/sync-client-secret', '--secret-string', `file://${file}`];
  await aws('secretsmanager', 'create-secret', ...which);
}

async function createTopic(): Promise<string> {
  const created = await aws('sns', 'create-topic', '--name', 'faults');
  return v.parse(v.object({ TopicArn: v.string() }), created).TopicArn;
}

/** As docs/deploy.md says. */
async function publishLayer(caFile: string): Promise<string> {
  const zip = join(inject('folder'), 'ca.zip');
  await mustRun('python3', ['-m', 'zipfile', '-c', zip, caFile]);
  const which = ['--layer-name', 'realm-ca', '--zip-file', `fileb://${zip}`];
  const published = await aws('lambda', 'publish-layer-version', ...which);
  return v.parse(v.object({ LayerVersionArn: v.string() }), published).LayerVersionArn;
}

async function createKey(user: RealmUser, outputs: Outputs): Promise<string> {
  const table = ['--table', outputs['TableName'] ?? ''];
  await gatepass('users', 'create', user.id, ...table);
  const which = ['--user', user.id, '--name', 'laptop', '--expires', '90d'];
  return (await gatepass('keys', 'create', ...which, ...table)).stdout.trim();
}
