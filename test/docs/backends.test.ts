import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeBlocks, ROOT, readText, section } from './markdown.ts';

const PAGE = readText('docs/backends.md');
const LIBRARY = pathToFileURL(join(ROOT, 'dist/lib/caller/index.mjs')).href;

const folder = mkdtempSync(join(tmpdir(), 'gatepass-backends-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

/** A sample of the page as a module. */
async function load(name: string, code: string): Promise<Record<string, unknown>> {
  const { code: script } = await transform(code, { loader: 'ts', format: 'esm' });
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, script.replace('gatepass/caller', LIBRARY));
  return import(path);
}

describe('the Lambda function in docs/backends.md', () => {
  const [code = ''] = codeBlocks(section(PAGE, '## A Lambda function'), 'ts');
  const orders = new Map([['1', { id: '1', ownerId: 'user-42' }]]);
  let handler: (event: unknown) => Promise<{ statusCode: number; body: string }>;

  beforeAll(async () => {
    const sample = await load('lambda', code);
    // What the page shows, whose types another test compiles.
    const createHandler = sample['createHandler'] as (find: (id: string) => Promise<unknown>) => typeof handler;
    handler = createHandler(async (id) => orders.get(id));
  });

  const ask = (id: string, authorizer?: object) => handler({ requestContext: { authorizer }, pathParameters: { id } });
  const user = { userId: 'user-42', authMethod: 'api_key' };

  it('gives an order to its owner and to support, and to nobody else', async () => {
    expect(await ask('1', user)).toEqual({ statusCode: 200, body: '{"id":"1","ownerId":"user-42"}' });
    expect(await ask('1', { ...user, userId: 'user-7', roles: '["support"]' })).toMatchObject({ statusCode: 200 });
    const another = { ...user, userId: 'user-7', roles: '["editor"]' };
    expect(await ask('1', another)).toEqual({ statusCode: 404, body: '{"error":"not_found"}' });
  });

  it('tells an order that is not there from none of theirs to nobody, and serves nothing on an open route', async () => {
    expect(await ask('2', { ...user, roles: '["support"]' })).toEqual({
      statusCode: 404,
      body: '{"error":"not_found"}',
    });
    expect(await ask('1')).toMatchObject({ statusCode: 500 });
  });
});

describe('docs/backends.md behind the Lambda Web Adapter', () => {
  /** What a server makes of a request with this header, whose bytes are UTF-8, by the page's own code. */
  async function callerOf(context: string): Promise<unknown> {
    const [code = ''] = codeBlocks(section(PAGE, '## A web framework behind the Lambda Web Adapter'), 'js');
    const { callerOf: find } = await load('adapter', code);
    // What the page shows.
    const sample = { callerOf: find as (request: IncomingMessage) => unknown };
    const server = createServer((request, response) => {
      response.end(JSON.stringify({ caller: sample.callerOf(request) }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    // A TCP server's address is never a string.
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.end(`GET / HTTP/1.0\r\nx-amzn-request-context: ${context}\r\n\r\n`);
    const answer = await text(socket);
    server.close();
    return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).caller;
  }

  it('has code that finds the caller on Lambda, whatever letters the name has, and nobody elsewhere', async () => {
    const authorizer = { userId: 'user-42', authMethod: 'bearer', firstName: 'Zoë 李', roles: '["viewer"]' };
    const context = JSON.stringify({ stage: 'prod', authorizer });
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'web');
    expect(await callerOf(context)).toEqual({ ...authorizer, roles: ['viewer'] });
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
    expect(await callerOf(context)).toBeUndefined();
  });
});
