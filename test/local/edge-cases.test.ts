import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { readIntrinsics } from '../../src/local/gateway/intrinsics.ts';
import { evaluatePolicy, policySchema } from '../../src/local/gateway/policy-evaluation.ts';
import { answering, createClient } from './support/client.ts';
import { allowing, policyOf, STAGE_ARN, statement } from './support/results.ts';
import { createScene } from './support/scene.ts';

const ALL = v.parse(policySchema, policyOf(statement('Allow', 'execute-api:/*')));
const resolve = (yaml: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'x-')), 't.yaml');
  writeFileSync(path, `Resources:\n  Function: { Type: T }\n${yaml}\n`);
  const template = readTemplate(path);
  return readIntrinsics(template, {}).resolve(template['Out'] ?? null);
};
describe('what a gateway must not be led astray by', () => {
  it.each(['PROPFIND', 'TRACE', 'PURGE'])('the method %s, which ANY does not stand for', async (method) => {
    const { client } = createScene({ resourcePolicy: ALL });
    expect((await client.call('garbage', { method, path: '/prod/api/v1/orders/7' })).status).toBe(403);
  });

  it('a header or a query parameter named like a member of every object', async () => {
    const client = createClient({ invoke: answering(allowing()) });
    expect((await client.call('key', { query: 'constructor=1' })).status).toBe(200);
    expect((await client.call('key', { headers: [['constructor', 'x']] })).status).toBe(200);
  });

  it('a fixed route that lacks the method, on an HTTP API: the greedy one answers', async () => {
    const { client, key } = createScene({ kind: 'http' });
    expect((await client.call(key.key, { method: 'POST', path: '/api/v1/whoami' })).status).toBe(200);
  });

  it('an Allow without a user, which is rendered all the same', async () => {
    const result = { principalId: 'x', policyDocument: policyOf(statement('Allow', '*')) };
    expect((await createClient({ invoke: answering(result) }).call('key')).status).toBe(200);
  });

  it('several cookies of a backend, which all arrive', async () => {
    const server = createServer((_, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end('x');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server's address is never a string.
    const { port } = server.address() as AddressInfo;
    const client = createClient({ invoke: answering(allowing()), upstream: `http://127.0.0.1:${port}` });
    const { headers } = await client.call('key');
    server.close();
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'] });
  });
});

describe('a template', () => {
  it.each([
    ['a function that is not known', 'Out: !Select [0, [a]]'],
    ['a name that is not there', 'Out: !Ref NoSuchThing'],
    ['a name in a text that is not there', `Out: !Sub "\${NoSuchThing}"`],
    ['a name that a text is not given', `Out: !Sub ["\${B}-x", { A: b }]`],
  ])('is refused for %s, rather than guessed at', (_, yaml) => {
    expect(() => resolve(yaml)).toThrow();
  });

  it('may have a literal dollar sign and brace', () => {
    expect(resolve(`Out: !Sub "\${!A}"`)).toBe(`\${A}`);
  });
});

describe('a policy', () => {
  const judge = (...statements: object[]) =>
    evaluatePolicy(v.parse(policySchema, policyOf(...statements)), { methodArn: STAGE_ARN, now: 0, sourceIp: '::1' });

  it('whose Deny has an unreadable date is an error, and not an Allow', () => {
    const never = statement('Deny', '*', { DateGreaterThanEquals: { 'aws:CurrentTime': 'nonsense' } });
    expect(() => judge(statement('Allow', '*'), never)).toThrow();
  });

  it('names its actions in any case', () => {
    expect(judge({ Effect: 'Allow', Action: 'execute-api:invoke', Resource: '*' })).toBe('allow');
  });
});
