import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import {
  addOptions,
  assertConsistent,
  type Options,
  readPolicy,
  variablesFor,
} from '../../src/local/gateway/options.ts';
import { localVariables } from '../../src/local/local-parts.ts';

const LOCAL = localVariables({ endpoint: 'http://127.0.0.1:1', jwksUri: 'http://127.0.0.1:2/certs' });

const folder = mkdtempSync(join(tmpdir(), 'gatepass-options-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a command line as npm start does, and what it makes of the function's environment. */
function read(args: readonly string[], own: NodeJS.ProcessEnv = {}): Record<string, string> {
  const program = addOptions(new Command('npm start --'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const options = program.parse(args, { from: 'user' }).opts<Options>();
  assertConsistent(options);
  if (options.resourcePolicy !== undefined) readPolicy(options.resourcePolicy);
  return variablesFor(options, LOCAL, own);
}

function policy(content: object | string): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const STATEMENT = { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' };

describe("npm start's options are wrong usage", () => {
  it.each([
    ['without an audience for the issuer', ['--issuer', 'https://id.example.com/realms/main'], /Give --audience\.$/],
    ['with an audience and no issuer', ['--audience', 'api'], /^--audience goes with --issuer\.$/],
    ['with an endpoint and no table', ['--endpoint-url', 'http://127.0.0.1:8000'], /^--endpoint-url goes with --table/],
    [
      'with a resource policy of an HTTP API',
      ['--api', 'http', '--resource-policy', 'x'],
      /^HTTP APIs have no resource/,
    ],
    [
      'with an issuer that is none',
      ['--issuer', 'id.example.com', '--audience', 'api'],
      /^--issuer: GATEPASS_ISSUER must be an https URL \(http only on loopback\) without a password, for example https:/,
    ],
    [
      'with an issuer that has a slash at its end',
      ['--issuer', 'https://id.example.com/', '--audience', 'api'],
      /^--issuer: GATEPASS_ISSUER must be exactly the "iss" of your tokens/,
    ],
    [
      'with an empty audience',
      ['--issuer', 'https://id.example.com/realms/x', '--audience', ''],
      /^--audience: GATEPASS_AUDIENCE is missing/,
    ],
    ['with a table that is none', ['--table', '?'], /^--table: GATEPASS_TABLE must be the name or the ARN/],
    [
      'with an upstream that is no URL',
      ['--upstream', 'notaurl'],
      /'notaurl' is invalid\. It must be an http or https/,
    ],
    ['with an upstream of another kind', ['--upstream', 'ftp://127.0.0.1'], /is invalid\. It must be an http or https/],
    [
      'with an upstream and a query',
      ['--upstream', 'http://127.0.0.1/?a=b'],
      /is invalid\. It must be an http or https/,
    ],
    [
      'with an endpoint that is no URL',
      ['--table', 'abc', '--endpoint-url', 'x'],
      /'x' is invalid\. It must be an http/,
    ],
    ['with a port that is no number', ['--port', 'x'], /'x' is invalid\. It must be a whole number from 0 to 65535/],
    ['with a port that is none', ['--port', '65536'], /'65536' is invalid\. It must be a whole number from 0 to 65535/],
    ['with an empty TTL', ['--ttl', ''], /'' is invalid\. It must be a whole number from 0 to 3600/],
    ['with an origin that is none', ['--cors-origin', "'x'"], /is invalid\. It must be \* or an origin/],
    ['without the policy', ['--resource-policy', join(folder, 'none.json')], /^--resource-policy \S+: ENOENT/],
  ])('%s', (_, args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  it.each([
    ['no JSON', '{'],
    ['no policy', {}],
    ['an element that is not known here', { Statement: { ...STATEMENT, NotResource: 'x' } }],
    ['a principal that is not everyone', { Statement: { ...STATEMENT, Principal: { AWS: '123456789012' } } }],
    [
      'an operator that is not known here',
      { Statement: { ...STATEMENT, Condition: { StringEquals: { 'aws:x': 'y' } } } },
    ],
    [
      'a key that is not known here',
      { Statement: { ...STATEMENT, Condition: { IpAddress: { 'aws:x': '10.0.0.0/8' } } } },
    ],
    [
      'a date that is none',
      { Statement: { ...STATEMENT, Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } } },
    ],
  ])('with a policy that has %s', (_, content) => {
    expect(() => read(['--resource-policy', policy(content)])).toThrow(/^--resource-policy \S+policy\.json: /);
  });
});

describe("the function's environment", () => {
  it('is that of the local parts', () => {
    expect(read(['--resource-policy', policy({ Statement: STATEMENT })], { AWS_REGION: 'xx' })).toEqual(LOCAL);
  });

  it("has a real realm in the local one's place, with its own keys", () => {
    const env = read(['--issuer', 'https://id.example.com/realms/main', '--audience', 'api']);
    expect(env).toMatchObject({ GATEPASS_ISSUER: 'https://id.example.com/realms/main', GATEPASS_AUDIENCE: 'api' });
    expect(env).toMatchObject({ GATEPASS_CLIENTS: '*', GATEPASS_TABLE: LOCAL['GATEPASS_TABLE'] });
    expect(env).not.toHaveProperty('GATEPASS_JWKS_URI');
  });

  it("has a real table in the local one's place, as the AWS SDK's variables reach it", () => {
    const own = { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'mine', AWS_EMPTY: '', GATEPASS_CLIENTS: 'x' };
    const env = read(['--table', 'gatepass'], own);
    expect(env).toMatchObject({ GATEPASS_TABLE: 'gatepass', AWS_REGION: 'eu-central-1', AWS_PROFILE: 'mine' });
    for (const name of ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_EMPTY']) expect(env).not.toHaveProperty(name);
    expect(env['GATEPASS_CLIENTS']).toBe(LOCAL['GATEPASS_CLIENTS']);
    expect(read(['--table', 'gatepass', '--endpoint-url', 'http://127.0.0.1:8000'])).toMatchObject({
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
    });
  });
});
