import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/local/gateway/http.ts';
import { type GatewayServer, serve } from '../../src/local/gateway/server.ts';

let server: GatewayServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function listen(answer: Partial<HttpResponse> = {}) {
  const received: HttpRequest[] = [];
  server = await serve(async (request) => {
    received.push(request);
    return { status: 200, headers: {}, body: '', ...answer };
  }, 0);
  return { received, url: server.url };
}

/** Sends bytes as they are, and returns all that comes back until the other side closes. */
async function sendRaw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

describe('the server', () => {
  it('hands requests on as they came: names and repetitions of headers, path and query undecoded', async () => {
    const { received, url } = await listen();
    await sendRaw(
      url,
      'POST /prod/a%2Fb/?x=%31&y?z HTTP/1.1\r\nHost: x\r\nauthorization: one\r\nAuthorization: two\r\nAuthorization:\r\n' +
        'Connection: close\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(received).toEqual([
      {
        method: 'POST',
        path: '/prod/a%2Fb/',
        query: 'x=%31&y?z',
        headers: [
          ['Host', 'x'],
          ['authorization', 'one'],
          ['Authorization', 'two'],
          ['Authorization', ''],
          ['Connection', 'close'],
          ['Content-Length', '5'],
        ],
        sourceIp: '127.0.0.1',
        body: Buffer.from('hello'),
      },
    ]);
  });

  it('gives the answer with the length of its bytes', async () => {
    const { url } = await listen({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="api"' },
      body: '{"é":1}',
    });
    const response = await fetch(url);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(response.headers.get('content-length')).toBe('8');
    expect(await response.text()).toBe('{"é":1}');
  });

  it('gives a 204 without a length', async () => {
    const { url } = await listen({ status: 204 });
    const response = await fetch(url, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.has('content-length')).toBe(false);
  });

  it('gives the answer to HEAD with the length that the backend told, or that of the body left out', async () => {
    const told = await listen({ headers: { 'content-length': '1234' } });
    expect((await fetch(told.url, { method: 'HEAD' })).headers.get('content-length')).toBe('1234');
    await server?.stop();
    const { url } = await listen({ body: 'hello' });
    const response = await fetch(url, { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('5');
    expect(await response.text()).toBe('');
  });

  it('gives a 304 with the length that the backend told', async () => {
    const { url } = await listen({ status: 304, headers: { 'content-length': '1234', etag: '"x"' } });
    expect((await fetch(url)).headers.get('content-length')).toBe('1234');
  });

  it('listens on the loopback alone', async () => {
    const { url } = await listen();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});
