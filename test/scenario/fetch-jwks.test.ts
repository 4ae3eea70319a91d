import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { version } from '../../package.json';
import { fetchJwks } from '../../src/bearer/fetch-jwks.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 20_000;

const stops: (() => Promise<unknown>)[] = [];

/** A server of the loopback that answers every request like this, and what it was asked for. */
async function serve(answer: Answer): Promise<{ readonly origin: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, asked };
}

async function fetchFrom(answer: Answer): Promise<unknown> {
  const { origin } = await serve(answer);
  return (await fetchJwks(`${origin}/certs`, TIMEOUT_MS)).document;
}

/** A JSON text of exactly so many bytes. */
function jsonOf(bytes: number): string {
  return `"${'x'.repeat(bytes - 2)}"`;
}

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

describe('a key set', () => {
  it('is fetched with one GET that says who asks, and asks for JSON as it is', async () => {
    const { origin, asked } = await serve((response) => response.end('{"keys":[]}'));
    expect(await fetchJwks(`${origin}/realms/main/certs?a=b`, TIMEOUT_MS)).toStrictEqual({
      document: { keys: [] },
      isFromCache: false,
    });
    expect(asked.map(({ method, url }) => [method, url])).toStrictEqual([['GET', '/realms/main/certs?a=b']]);
    expect(asked[0]?.headers).toMatchObject({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': `gatepass/${version}`,
    });
  });

  it('is fetched by a new connection each time, since a kept one may have died while the function was frozen', async () => {
    const { origin, asked } = await serve((response) => response.end('{"keys":[]}'));
    for (let fetch = 0; fetch < 3; fetch++) await fetchJwks(origin, TIMEOUT_MS);
    expect(new Set(asked.map(({ socket }) => socket)).size).toBe(3);
  });

  it('leaves no timer behind, which would keep a command from ending', async () => {
    const { origin } = await serve((response) => response.end('{"keys":[]}'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await fetchJwks(origin, TIMEOUT_MS);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0), { timeout: 10_000 });
    vi.useRealTimers();
  });

  it('is known to come from a cache by the Age header', async () => {
    const { origin } = await serve((response) => response.setHeader('age', '0').end('{"keys":[]}'));
    expect(await fetchJwks(origin, TIMEOUT_MS)).toMatchObject({ isFromCache: true });
  });

  it('is read whole when it comes in pieces that cut characters apart', async () => {
    const bytes = Buffer.from('{"name":"Zoë"}');
    const cut = bytes.indexOf('ë') + 1;
    const answer: Answer = (response) => {
      response.write(bytes.subarray(0, cut));
      setTimeout(() => response.end(bytes.subarray(cut)), 5);
    };
    expect(await fetchFrom(answer)).toStrictEqual({ name: 'Zoë' });
  });

  it('may begin with a byte order mark', async () => {
    expect(await fetchFrom((response) => response.end('\ufeff{"keys":[]}'))).toStrictEqual({ keys: [] });
  });

  it('may have 256 KB, and not a byte more', async () => {
    expect(await fetchFrom((response) => response.end(jsonOf(MAX_BYTES)))).toHaveLength(MAX_BYTES - 2);
    await expect(fetchFrom((response) => response.end(jsonOf(MAX_BYTES + 1)))).rejects.toThrow(
      'it answered 200 with more than 262144 bytes',
    );
  });

  const codings = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (body: string) => Buffer.from(body)],
    ['Identity', (body: string) => Buffer.from(body)],
    ['', (body: string) => Buffer.from(body)],
    ['gzip, gzip', (body: string) => gzipSync(gzipSync(body))],
    ['deflate,identity , BR', (body: string) => brotliCompressSync(deflateSync(body))],
  ] as const;

  it.each(codings)('that comes as %s, though it was not asked for, is decoded', async (coding, encode) => {
    const body = JSON.stringify({ keys: ['Zoë'] });
    const answer: Answer = (response) => response.setHeader('content-encoding', coding).end(encode(body));
    expect(await fetchFrom(answer)).toStrictEqual({ keys: ['Zoë'] });
  });

  it.each(codings)('that comes as %s may have 256 KB decoded, and not a byte more', async (coding, encode) => {
    const answerOf = (bytes: number): Answer => {
      return (response) => response.setHeader('content-encoding', coding).end(encode(jsonOf(bytes)));
    };
    expect(await fetchFrom(answerOf(MAX_BYTES))).toHaveLength(MAX_BYTES - 2);
    await expect(fetchFrom(answerOf(MAX_BYTES + 1))).rejects.toThrow('it answered 200 with more than 262144 bytes');
  });

  it('that never ends is given up as soon as it is too large', async () => {
    const answer: Answer = (response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(16 * 1024)));
      };
      response.on('drain', write);
      write();
    };
    await expect(fetchFrom(answer)).rejects.toThrow('it answered 200 with more than 262144 bytes');
  });
});

describe('an answer that is no key set is an error', () => {
  it.each([301, 302, 303, 307, 308])('with the status %i, and no redirect is followed', async (status) => {
    const { origin, asked } = await serve((response, request) => {
      if (request.url === '/elsewhere') response.end('{"keys":[]}');
      else response.writeHead(status, { location: '/elsewhere' }).end('{"keys":[]}');
    });
    await expect(fetchJwks(`${origin}/certs`, TIMEOUT_MS)).rejects.toThrow(`it answered ${status}, expected 200`);
    expect(asked.map(({ url }) => url)).toStrictEqual(['/certs']);
  });

  it.each([201, 204, 400, 401, 404, 500, 503])('with the status %i, whatever its body', async (status) => {
    const answer: Answer = (response) => response.writeHead(status).end(status === 204 ? undefined : '{"keys":[]}');
    await expect(fetchFrom(answer)).rejects.toThrow(`it answered ${status}, expected 200`);
  });

  it.each([
    ['empty', ''],
    ['a page', '<!doctype html><title>Keycloak</title>'],
    ['cut off', '{"keys":['],
    ['two documents', '{}{}'],
  ])('that is not JSON: %s', async (_, body) => {
    await expect(fetchFrom((response) => response.end(body))).rejects.toThrow('it answered something that is not JSON');
  });

  it.each([
    ['in a coding that is not known', 'zstd', 'it answered 200 in an unknown content coding'],
    ['in three codings', 'gzip, gzip, br', 'it answered 200 in an unknown content coding'],
    ['that is not in the coding that it names', 'gzip', 'it answered 200 with what is not gzip'],
  ])('%s', async (_, coding, message) => {
    const answer: Answer = (response) => response.setHeader('content-encoding', coding).end('{"keys":[]}');
    await expect(fetchFrom(answer)).rejects.toThrow(message);
  });

  it('that says nothing of what it held', async () => {
    const answer: Answer = (response) => response.end('secret');
    await expect(fetchFrom(answer)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringMatching('secret') }),
    );
  });
});

describe('a realm that cannot be reached is an error', () => {
  it('when nothing listens there', async () => {
    const { origin } = await serve((response) => response.end('{}'));
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await expect(fetchJwks(`${origin}/certs`, TIMEOUT_MS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('when it hangs up before it answers', async () => {
    await expect(fetchFrom((response) => response.destroy())).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('when it hangs up in the middle of its answer', async () => {
    const answer: Answer = (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"keys":[]}');
      setTimeout(() => response.destroy(), 5);
    };
    await expect(fetchFrom(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('when it speaks no TLS behind an https address', async () => {
    const { origin, asked } = await serve((response) => response.end('{"keys":[]}'));
    await expect(fetchJwks(origin.replace('http:', 'https:'), TIMEOUT_MS)).rejects.toThrow(/SSL|TLS|EPROTO/i);
    expect(asked).toHaveLength(0);
  });

  it('when its answer is not whole in time, be it silent from the start or in the middle or too slow', async () => {
    const silent: Answer = () => undefined;
    const stalled: Answer = (response) => response.writeHead(200).write('{"keys":[');
    const slow: Answer = (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    };
    await Promise.all(
      [silent, stalled, slow].map(async (answer) => {
        let hungUp: Promise<unknown> | undefined;
        const { origin } = await serve((response, request) => {
          hungUp = once(response, 'close');
          answer(response, request);
        });
        const startedAt = performance.now();
        await expect(fetchJwks(origin, 500)).rejects.toThrow('it gave no whole answer within 500 ms');
        await hungUp;
        expect(performance.now() - startedAt).toBeGreaterThan(450);
        expect(performance.now() - startedAt).toBeLessThan(10_000);
      }),
    );
  });

  it('but not when it takes nearly all the time that it may', async () => {
    const { origin } = await serve((response) => setTimeout(() => response.end('{"keys":[]}'), 700));
    expect(await fetchJwks(origin, 10_000)).toMatchObject({ document: { keys: [] } });
  });
});
