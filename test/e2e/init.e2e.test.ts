import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'smol-toml';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { installPythonTools, run } from '../../infra/check/install.mjs';
import { codeBlocks, readText, section } from '../docs/markdown.ts';
import { packInto } from '../support/consumer.ts';
import { CLI_BUNDLE } from './support/gatepass.ts';
import { importRealm } from './support/realm.ts';

vi.setConfig({ testTimeout: 300_000 });

const SAM = resolve('.venv-aws/bin/sam');

let folder: string;
let tarball: string;

beforeAll(async () => {
  await installPythonTools('.venv-aws', 'infra/check/requirements.txt');
  folder = mkdtempSync(join(tmpdir(), 'gatepass-first-time-'));
  tarball = await packInto(folder);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command with this on its standard input, in an environment with nothing of ours. */
async function talk(command: string, args: readonly string[], input: string) {
  const env = { HOME: folder, PATH: process.env['PATH'] };
  const child = spawn(command, args, { cwd: folder, env });
  child.stdin.end(input);
  const [out, err, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((ended) => child.once('close', ended)),
  ]);
  return { status, out, err };
}

/** Runs the installed command. */
const gatepass = (args: readonly string[], input: string) =>
  talk(join(folder, 'node_modules/.bin/gatepass'), args, input);

test('docs/deploy.md gets a token by curl that the doctor finds well', async () => {
  const realm = await importRealm(inject('keycloak'), 'gatepass-curl');
  const [{ id }] = v.parse(
    v.tuple([v.object({ id: v.string() })]),
    await realm.admin.get('/clients?clientId=demo-service'),
  );
  const secret = v.parse(v.object({ value: v.string() }), await realm.admin.get(`/clients/${id}/client-secret`));
  writeFileSync(join(folder, 'secret.txt'), secret.value);
  const [block = ''] = codeBlocks(section(readText('docs/deploy.md'), '## A token'), 'sh');
  const script = `${block.replace('https://id.example.com/realms/main', realm.issuer)}printf %s "$TOKEN"`;
  const token = await run('sh', ['-euc', script], { cwd: folder });
  const judged = ['doctor', '--issuer', realm.issuer, '--audience', 'demo-api', '--token-stdin'];
  const { out, err } = await talk(process.execPath, [CLI_BUNDLE, ...judged], token);
  expect(out + err).toContain('✓ token.decision');
});

test('from an empty folder to what SAM builds, in less than five minutes', async () => {
  const realm = await importRealm(inject('keycloak'), 'gatepass-init');
  const ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'L' });
  const { access_token: token } = await realm.logIn('demo-web', ada);
  const startedAt = performance.now();

  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], { cwd: folder });

  // Keycloak has no certificate here, so the one objection is that its issuer isn't https.
  const refused = await gatepass(['init', '--from-token'], token);
  expect(refused.err).toContain('the template takes an https issuer only');
  expect([refused.status, existsSync(join(folder, 'samconfig.toml'))]).toEqual([1, false]);
  const written = await gatepass(['init', '--from-token', '--self-service', '--yes'], token);
  expect(written.out).toMatch(/✓ realm\.discovery[\s\S]*✓ token\.decision[\s\S]*\n0 problems/);
  expect(written.status).toBe(0);

  const config = readFileSync(join(folder, 'samconfig.toml'), 'utf8');
  expect(JSON.stringify(parse(config))).toContain(`"Issuer=${realm.issuer}","Audience=demo-api"`);
  for (const part of token.split('.')) expect(config + written.out + written.err).not.toContain(part);

  const env = { ...process.env, AWS_DEFAULT_REGION: 'eu-west-1', SAM_CLI_TELEMETRY: '0', CI: 'true' };
  await run(SAM, ['validate'], { cwd: folder, env });
  await run(SAM, ['build'], { cwd: folder, env });
  const built = readFileSync(join(folder, '.aws-sam/build/template.yaml'), 'utf8');
  const code = [...built.matchAll(/CodeUri: (\S+)/g)].map(([, path = '']) => join(folder, '.aws-sam/build', path));
  expect(code.length).toBeGreaterThan(3);
  for (const path of code) expect(existsSync(join(path, 'index.mjs')), path).toBe(true);

  const again = await gatepass(['init', '--yes'], '');
  expect(again.out).toContain('samconfig.toml has these answers already');
  expect(performance.now() - startedAt).toBeLessThan(300_000);
});
