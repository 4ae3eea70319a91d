import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answering, bodyOf, createClient } from './support/client.ts';
import { allowing, denying } from './support/results.ts';

// What an HTTP proxy integration does:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let server: Server;
let upstream = '';
let received: Received[] = [];
let respond: RequestListener;

beforeEach(async () => {
  received = [];
  respond = (_, response) => response.end('{}');
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    respond(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function open(context: object = {}) {
  return createClient({ invoke: answering(allowing(context)), upstream });
}

describe('an allowed request, with an upstream', () => {
  it('is handed on with method, path, query and body, without the stage', async () => {
    await open().call('key', {
      method: 'PATCH',
      path: '/prod/api/v1/orders/a%20b',
      query: 'x=1&x=2&y=%26',
      headers: [['Content-Type', 'application/json']],
      body: '{"é":1}',
    });
    expect(received).toMatchObject([
      {
        method: 'PATCH',
        url: '/api/v1/orders/a%20b?x=1&x=2&y=%26',
        headers: { 'content-type': 'application/json', authorization: 'key', 'x-forwarded-for': '192.0.2.10' },
        body: '{"é":1}',
      },
    ]);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('is handed on by %s', async (method) => {
    const response = await open().call('key', { method, path: '/prod/api/v1/orders' });
    expect(response.status).toBe(200);
    expect(received).toMatchObject([{ method, url: '/api/v1/orders' }]);
  });

  it('tells who calls by headers X-Gatepass-…, a value of the context in each', async () => {
    await open({ apiKeyId: 'key-1', authMethod: 'api_key', roles: '["editor"]', firstName: 'Zoë 🦊' }).call('key');
    const [{ headers = {} } = {}] = received;
    const own = Object.entries(headers).filter(([name]) => name.startsWith('x-gatepass-'));
    expect(
      Object.fromEntries(own.map(([name, value]) => [name, Buffer.from(String(value), 'latin1').toString()])),
    ).toEqual({
      'x-gatepass-user-id': 'user-42',
      'x-gatepass-principal-id': 'user-42',
      'x-gatepass-api-key-id': 'key-1',
      'x-gatepass-auth-method': 'api_key',
      'x-gatepass-roles': '["editor"]',
      'x-gatepass-first-name': 'Zoë 🦊',
    });
  });

  it("drops the client's own headers of those names, in any case", async () => {
    await open().call('key', {
      headers: [
        ['X-Gatepass-User-Id', 'root'],
        ['x-gatepass-roles', '["admin"]'],
        ['X-GATEPASS-ANYTHING', 'x'],
        ['X-Other', 'stays'],
      ],
    });
    const [{ headers = {} } = {}] = received;
    expect(headers).toMatchObject({ 'x-gatepass-user-id': 'user-42', 'x-other': 'stays' });
    expect(headers).not.toHaveProperty('x-gatepass-roles');
    expect(headers).not.toHaveProperty('x-gatepass-anything');
  });

  it('drops what belongs to one connection, and makes the host its own', async () => {
    await open().call('key', {
      headers: [
        ['Host', 'api.example.com'],
        ['TE', 'trailers'],
        ['Upgrade', 'h2c'],
        ['Proxy-Authorization', 'x'],
        ['Content-Length', '99'],
      ],
    });
    const [{ headers = {} } = {}] = received;
    expect(headers['host']).toBe(new URL(upstream).host);
    for (const name of ['te', 'upgrade', 'proxy-authorization', 'content-length'])
      expect(headers).not.toHaveProperty(name);
  });

  it('gets the answer as the upstream gave it, redirects and errors among them', async () => {
    const client = open();
    for (const status of [200, 201, 302, 404, 500]) {
      respond = (_, response) =>
        response.writeHead(status, { 'content-type': 'text/plain', location: '/next', 'x-own': 'yes' }).end('hello');
      const response = await client.call('key');
      expect(response.status).toBe(status);
      expect(response.body.toString()).toBe('hello');
      expect(response.headers).toMatchObject({ 'content-type': 'text/plain', location: '/next', 'x-own': 'yes' });
    }
    expect(received).toHaveLength(5);
  });

  it('gets the headers of an answer to HEAD, its length among them', async () => {
    respond = (_, response) => response.writeHead(200, { 'content-length': 1234, 'x-own': 'yes' }).end();
    const response = await open().call('key', { method: 'HEAD', path: '/prod/api/v1/orders' });
    expect(response).toMatchObject({ status: 200, headers: { 'content-length': '1234', 'x-own': 'yes' } });
    expect(response.body).toHaveLength(0);
  });

  it('gets an encoded answer as it came, and each cookie', async () => {
    const cookies = ['a=1', 'b=2'];
    respond = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'set-cookie': cookies }).end(gzipSync('hello'));
    const response = await open().call('key', { headers: [['Accept-Encoding', 'gzip']] });
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', 'set-cookie': cookies });
    expect(gunzipSync(response.body).toString()).toBe('hello');
  });

  it('gets an answer when it is whole, even one that comes in pieces', async () => {
    respond = (_, response) => {
      response.write('hel');
      setTimeout(() => response.end('lo'), 20);
    };
    expect((await open().call('key')).body.toString()).toBe('hello');
  });

  // https://repost.aws/questions/QUQx1CzpQHRWqZW-bjSUukTw/rest-api-payload-max-size-with-compression
  it.each([
    ['of 10 MB', 10 * 1024 * 1024, 200],
    ['larger than 10 MB', 10 * 1024 * 1024 + 1, 500],
  ])('gets an answer %s: %i bytes are %i', async (_, size, status) => {
    respond = (_request, response) => response.end(Buffer.alloc(size));
    const client = open();
    const response = await client.call('key');
    expect(response.status).toBe(status);
    if (status === 500) expect(bodyOf(response)).toEqual({ message: 'Internal server error' });
    if (status === 500) expect(client.lines).toMatchObject([{ failure: 'Error: The answer is larger than 10 MB.' }]);
  });

  it('may have an upstream with a path of its own', async () => {
    const client = createClient({ invoke: answering(allowing()), upstream: `${upstream}/base/` });
    await client.call('key');
    expect(received[0]?.url).toBe('/base/api/v1/whoami');
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
  it('is 504 INTEGRATION_FAILURE when the upstream is down, and pages may read it', async () => {
    const client = open();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    const response = await client.call('key');
    expect(response.status).toBe(504);
    expect(response.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(bodyOf(response)).toEqual({ message: 'Network error communicating with endpoint' });
    expect(client.lines).toMatchObject([{ failure: expect.stringContaining('ECONNREFUSED') }]);
  });

  it('is 503 Service Unavailable then on an HTTP API', async () => {
    const policyDocument = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    respond = (request) => request.socket.destroy();
    const client = createClient({ kind: 'http', upstream, invoke: answering({ principalId: 'u', policyDocument }) });
    const response = await client.call('key');
    expect(response.status).toBe(503);
    expect(bodyOf(response)).toEqual({ message: 'Service Unavailable' });
  });
});

describe('any other request, with an upstream', () => {
  it('does not reach it', async () => {
    const client = createClient({ invoke: answering(denying()), upstream });
    expect((await client.call('key')).status).toBe(401);
    expect((await client.send({})).status).toBe(401);
    expect((await client.call('key', { path: '/prod/nothing' })).status).toBe(403);
    expect((await client.call('key', { method: 'OPTIONS' })).status).toBe(204);
    expect(received).toEqual([]);
  });
});
