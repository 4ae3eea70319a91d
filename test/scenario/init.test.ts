import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { parse } from 'smol-toml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askRealm } from '../../src/bearer/fetch-jwks.ts';
import { initCommand } from '../../src/cli/init.ts';
import { PARAMETERS } from '../../src/cli/init-answers.ts';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { NotConfirmed } from '../../src/terminal/confirm.ts';
import { UsageError } from '../../src/terminal/usage-error.ts';
import { ROOT } from '../support/consumer.ts';
import { type DescribedRealm, startDescribedRealm } from '../support/described-realm.ts';
import { recordOutput } from '../support/recorded-output.ts';

let keys: EmbeddedIssuer;
let realm: DescribedRealm;
let folder: string;

beforeAll(async () => {
  keys = await startEmbeddedIssuer();
  realm = await startDescribedRealm(keys.jwksUri);
});
afterAll(async () => {
  realm.stop();
  await keys.stop();
});
beforeEach(() => {
  realm.describe({ jwks_uri: `${realm.issuer}/protocol/openid-connect/certs` });
  folder = mkdtempSync(join(tmpdir(), 'gatepass-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Around {
  /** What a person types, one after the other; with nothing left they leave. Without a list there is no person. */
  readonly typed?: readonly string[];
  readonly secret?: string;
  /** What is pasted, one after the other, before `secret`. */
  readonly secrets?: readonly string[];
  /** Whether the realm is asked by a name that begins with https, as one that can be deployed for. */
  readonly overTls?: boolean;
}

/** The realm as it would be behind TLS. */
const secureIssuer = () => realm.issuer.replace('http:', 'https:');

async function init(args: readonly string[], { typed, secret = '', secrets = [], overTls = true }: Around = {}) {
  const output = recordOutput();
  const waiting = [...(typed ?? [])];
  const pasted = [...secrets];
  const questions: string[] = [];
  const command = initCommand(output, {
    askRealm: async (uri, timeoutMs) => {
      const answer = await askRealm(overTls ? uri.replace('https:', 'http:') : uri, timeoutMs);
      return overTls ? { ...answer, body: answer.body.replaceAll(realm.issuer, secureIssuer()) } : answer;
    },
    now: Date.now,
    style: (_, text) => text,
    readSecret: async () => pasted.shift() ?? secret,
    folder,
    ask:
      typed &&
      (async (question) => {
        questions.push(question);
        return waiting.shift();
      }),
  });
  const program = new Command('gatepass').exitOverride().addCommand(command.exitOverride());
  const error = await program.parseAsync(['init', ...args], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, questions, out: output.everything(), left: waiting };
}

const accessToken = (change: object = {}) => {
  const now = Math.floor(Date.now() / 1000);
  const user = { sub: 'user-42', aud: ['demo-api', 'account'], azp: 'demo-web', typ: 'Bearer' };
  return keys.sign({ iss: secureIssuer(), exp: now + 300, iat: now, ...user, ...change });
};

const file = () => join(folder, 'samconfig.toml');
const read = () => readFileSync(file(), 'utf8');
const template = () => relative(folder, join(ROOT, 'template.yaml'));
const answered = () => ['--issuer', secureIssuer(), '--audience', 'demo-api'];
const overridesOf = (text: string) => JSON.stringify(parse(text)['default']);

describe('gatepass init without a terminal', () => {
  it('writes what sam build and sam deploy need, and prints the two commands', async () => {
    const { error, out } = await init([...answered(), '--self-service', '--region', 'eu-west-1']);
    expect(error).toBeUndefined();
    expect(parse(read())).toEqual({
      version: 0.1,
      default: {
        global: { parameters: { stack_name: 'gatepass', region: 'eu-west-1' } },
        build: { parameters: { template_file: template() } },
        validate: { parameters: { template_file: template() } },
        deploy: {
          parameters: {
            capabilities: 'CAPABILITY_IAM',
            resolve_s3: true,
            parameter_overrides: [
              'KeyPrefix=gp',
              'KeyEnvironment=live',
              'SelfService=true',
              'Sync=false',
              'ExampleApi=true',
              'AccessLogs=false',
              `Issuer=${secureIssuer()}`,
              'Audience=demo-api',
            ],
          },
        },
      },
    });
    expect(out).toMatch(/✓ realm\.discovery[\s\S]*What remains:\n\n {2}sam build\n {2}sam deploy\n/);
    expect(out).toContain("Whether your clients' tokens are for that API, only one of them shows");
    expect(readdirSync(folder)).toEqual(['samconfig.toml']);
  });

  it('takes issuer and audience from a token, which it has the doctor judge, and neither keeps nor shows', async () => {
    const token = await accessToken();
    const { error, out } = await init(['--from-token'], { secret: `Bearer ${token}\n` });
    expect(error).toBeUndefined();
    expect(out).toContain('✓ token.decision');
    expect(out).not.toContain('only one of them shows');
    expect(overridesOf(read())).toContain(`Issuer=${secureIssuer()}","Audience=demo-api"`);
    for (const part of token.split('.')) expect(out + read()).not.toContain(part);
  });

  it('says which APIs a token is for, if there are several or none, and writes nothing', async () => {
    const several = await init(['--from-token'], { secret: await accessToken({ aud: ['one', 'other', 'account'] }) });
    expect(several.error).toEqual(
      new UsageError('The token is for one, other. Say which is your API: --audience NAME.'),
    );
    const none = await init(['--from-token'], { secret: await accessToken({ aud: 'account' }) });
    expect(none.error).toMatchObject({ name: 'UsageError', message: expect.stringContaining('audience mapper') });
    expect(existsSync(file())).toBe(false);
  });

  it('takes an option before the token', async () => {
    const secret = await accessToken({ aud: ['one', 'other'] });
    await init(['--from-token', '--audience', 'other'], { secret });
    expect(overridesOf(read())).toContain('Audience=other');
  });

  it('writes nothing where the doctor finds a problem, unless it is told to', async () => {
    realm.describe({ id_token_signing_alg_values_supported: ['ES256'] });
    const { error, out } = await init(answered());
    expect(error).toBeInstanceOf(NotConfirmed);
    expect(out).toContain('✗ realm.algorithm');
    expect(existsSync(file())).toBe(false);
    expect((await init([...answered(), '--yes'])).error).toBeUndefined();
    expect(existsSync(file())).toBe(true);
  });

  it('takes no issuer that the template refuses, unless it is told to', async () => {
    const args = ['--issuer', realm.issuer, '--audience', 'demo-api'];
    const { error, out } = await init(args, { overTls: false });
    expect(error).toBeInstanceOf(NotConfirmed);
    expect(out).toContain('the template takes an https issuer only');
    expect(existsSync(file())).toBe(false);
  });

  it('tells programs the same, as JSON', async () => {
    const { out } = await init([...answered(), '--json']);
    expect(JSON.parse(out)).toMatchObject({
      ...{ stack: 'gatepass', file: 'samconfig.toml', outcome: 'ok', exitStatus: 0 },
      parameters: { Issuer: secureIssuer(), Audience: 'demo-api' },
      changes: expect.arrayContaining([{ answer: 'Audience', value: 'demo-api' }]),
      findings: expect.arrayContaining([expect.objectContaining({ name: 'realm.discovery', severity: 'ok' })]),
    });
  });

  it('says all that is missing or wrong, at once', async () => {
    const { error } = await init(['--prefix', 'GP', '--stack', '1st', '--region', 'here']);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(
      /GATEPASS_KEY_PREFIX must[\s\S]*--issuer[\s\S]*--audience[\s\S]*--stack[\s\S]*--region/,
    );
    expect(existsSync(file())).toBe(false);
  });

  it('says how the sync gets its secret, and writes none', async () => {
    const { out } = await init([...answered(), '--sync']);
    expect(out).toContain(
      'aws secretsmanager create-secret --name gatepass/sync-client-secret --secret-string file://',
    );
  });
});

describe('gatepass init once more', () => {
  it('changes nothing for the same answers, which the file is enough for', async () => {
    await init([...answered(), '--sync', '--no-example-api']);
    const before = `${read()}# by hand\n`;
    writeFileSync(file(), before);
    const { error, out } = await init([]);
    expect(error).toBeUndefined();
    expect(out).toContain('samconfig.toml has these answers already');
    expect(read()).toBe(before);
  });

  it('asks before it changes an answer, and shows which', async () => {
    await init(answered());
    const before = read();
    const refused = await init(['--audience', 'other-api']);
    expect(refused.error).toBeInstanceOf(NotConfirmed);
    expect(refused.out).toMatch(/Audience +demo-api +other-api/);
    expect(read()).toBe(before);
    expect((await init(['--audience', 'other-api'], { typed: ['', '', '', '', '', 'n'] })).error).toBeInstanceOf(
      NotConfirmed,
    );
    expect(read()).toBe(before);
    expect((await init(['--audience', 'other-api', '--yes'])).error).toBeUndefined();
    expect(read()).toBe(before.replace('Audience=demo-api', 'Audience=other-api'));
  });

  it('leaves what SAM or a person wrote beside its answers', async () => {
    writeFileSync(
      file(),
      `# by hand
version = 0.1
[default.deploy.parameters]
stack_name = "edge"
s3_bucket = "artifacts"
capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
parameter_overrides = "Issuer=\\"https://old.example.com/realms/main\\" KeyScopes=\\"a:b=Read it,c=\\\\\\"d\\\\\\"\\" AlarmTopicArn=arn:aws:sns:eu-west-1:123456789012:ops"
[default.sync.parameters]
watch = true
[staging.deploy.parameters]
stack_name = "edge-staging"
`,
    );
    expect((await init([...answered(), '--yes'])).error).toBeUndefined();
    const { default: own, staging } = JSON.parse(JSON.stringify(parse(read())));
    expect(staging).toEqual({ deploy: { parameters: { stack_name: 'edge-staging' } } });
    expect(own.sync).toEqual({ parameters: { watch: true } });
    expect(own.global.parameters).toEqual({ stack_name: 'edge' });
    expect(own.deploy.parameters).toMatchObject({
      s3_bucket: 'artifacts',
      capabilities: 'CAPABILITY_IAM CAPABILITY_AUTO_EXPAND',
    });
    for (const name of ['resolve_s3', 'stack_name']) expect(own.deploy.parameters).not.toHaveProperty(name);
    expect(own.deploy.parameters.parameter_overrides).toEqual(
      expect.arrayContaining([
        `Issuer=${secureIssuer()}`,
        'KeyScopes="a:b=Read it,c=\\"d\\""',
        'AlarmTopicArn=arn:aws:sns:eu-west-1:123456789012:ops',
      ]),
    );
  });

  it.each([
    ['that is no TOML', 'default = ['],
    ['whose parameters it cannot read', '[default.deploy.parameters]\nparameter_overrides = "Issuer"'],
  ])('refuses a file %s, and leaves it', async (_, text) => {
    writeFileSync(file(), text);
    expect((await init([...answered(), '--yes'])).error).toBeInstanceOf(UsageError);
    expect(read()).toBe(text);
  });
});

describe('gatepass init at a terminal', () => {
  it('asks for what is needed, shows what the realm says of itself, and offers what a token is for', async () => {
    const typed = [secureIssuer(), '', '', 'acme', 'test', 'y', ''];
    const { error, out, left } = await init([], { typed, secret: await accessToken({ aud: ['one', 'demo-api'] }) });
    expect(error).toBeUndefined();
    expect(left).toEqual([]);
    expect(out).toMatch(/The realm says of itself:\n {2}issuer: https:\S+\n {2}jwks_uri: /);
    expect(out).toContain('The token is for one, demo-api.');
    const overrides = overridesOf(read());
    for (const answer of ['Audience=one', 'KeyPrefix=acme', 'KeyEnvironment=test', 'SelfService=true', 'Sync=false']) {
      expect(overrides).toContain(answer);
    }
  });

  it('asks again after an answer that can not be, and for a realm that calls itself otherwise', async () => {
    const typed = [
      'id.example.com',
      secureIssuer().replace('127.0.0.1', 'localhost'),
      '',
      'demo-api',
      'GP',
      'gp',
      '',
      '',
      '',
    ];
    const { error, out } = await init([], { typed });
    expect(error).toBeUndefined();
    expect(out).toMatch(/It must be an https URL[\s\S]*It calls itself https:\/\/127[\s\S]*It must be at most 16/);
    expect(out).not.toContain('GATEPASS_ISSUER must');
    expect(overridesOf(read())).toContain(`Issuer=${secureIssuer()}"`);
  });

  it('proposes an issuer without the slash at its end', async () => {
    const { error, questions } = await init([], { typed: [`${secureIssuer()}/`, '', 'demo-api', '', '', '', ''] });
    expect(error).toBeUndefined();
    expect(questions[1]).toContain(`[${secureIssuer()}]`);
    expect(overridesOf(read())).toContain(`Issuer=${secureIssuer()}"`);
  });

  it('asks again where no token was pasted, and where an answer is neither yes nor no', async () => {
    const typed = [secureIssuer(), '', 'gp', 'live', 'perhaps', 'y', 'n'];
    const { error, out, questions } = await init([], {
      typed,
      secrets: ['gp_live_x', 'no token', await accessToken()],
    });
    expect(error).toBeUndefined();
    expect(out).toContain('That is not an access token of a realm');
    expect(questions.filter((question) => question.includes('own keys'))).toHaveLength(2);
    expect(overridesOf(read())).toContain('SelfService=true');
  });

  it('has each question on one line of 80 columns, and says first how to leave', async () => {
    const { out, questions } = await init([], {
      typed: [secureIssuer(), '', 'gp', 'live', 'y', 'n'],
      secrets: [await accessToken()],
    });
    expect(questions.length).toBe(6);
    expect(questions.filter((question) => question.length > 79)).toEqual([]);
    expect(out).toMatch(/^Enter takes the answer in brackets\. Ctrl-C leaves/);
  });

  it('writes nothing, wherever the person leaves', async () => {
    const typed = [secureIssuer(), 'demo-api', 'gp', 'live', 'n', 'n'];
    for (let count = 0; count < typed.length; count++) {
      expect((await init([], { typed: typed.slice(0, count) })).error, `after ${count}`).toBeInstanceOf(NotConfirmed);
      expect(readdirSync(folder)).toEqual([]);
    }
    expect((await init([], { typed })).error).toBeUndefined();
  });

  it('asks for nothing that is given', async () => {
    const { error, questions } = await init([...answered(), '--no-sync', '--prefix', 'gp'], { typed: ['', ''] });
    expect(error).toBeUndefined();
    expect(questions).toEqual([expect.stringContaining('environment'), expect.stringContaining('own keys')]);
  });
});

describe('what init writes', () => {
  it('names the parameters by which the template hands each variable to the authorizer', () => {
    const text = readFileSync(join(ROOT, 'template.yaml'), 'utf8');
    const [, variables = ''] = /AuthorizerFunction:[\s\S]*?Variables:\n((?: {10}.*\n)+)/.exec(text) ?? [];
    const handed = [...variables.matchAll(/(GATEPASS_\w+): !Ref (\w+)/g)].map(([, name = '', ref]) => [name, ref]);
    expect(Object.fromEntries(handed)).toEqual({ GATEPASS_TABLE: 'Table', ...PARAMETERS });
  });

  it('needs no more than CAPABILITY_IAM: no role or policy of the template has a name of its own', () => {
    expect(readFileSync(join(ROOT, 'template.yaml'), 'utf8')).not.toMatch(/^ +(RoleName|ManagedPolicyName):/m);
  });
});
