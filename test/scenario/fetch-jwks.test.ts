import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchJwks } from '../../src/bearer/fetch-jwks.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const MAX_BYTES = 256 * 1024;

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
  return fetchJwks(`${origin}/certs`);
}

/** A JSON text of exactly so many bytes. */
function jsonOf(bytes: number): string {
  return `"${'x'.repeat(bytes - 2)}"`;
}

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

describe('a key set', () => {
  it('is fetched with one GET that asks for JSON', async () => {
    const { origin, asked } = await serve((response) => response.end('{"keys":[]}'));
    expect(await fetchJwks(`${origin}/realms/main/certs?a=b`)).toStrictEqual({ keys: [] });
    expect(asked.map(({ method, url, headers }) => [method, url, headers.accept])).toStrictEqual([
      ['GET', '/realms/main/certs?a=b', 'application/json'],
    ]);
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

  it('may have 256 KB, and not a byte more', async () => {
    expect(await fetchFrom((response) => response.end(jsonOf(MAX_BYTES)))).toHaveLength(MAX_BYTES - 2);
    await expect(fetchFrom((response) => response.end(jsonOf(MAX_BYTES + 1)))).rejects.toThrow(
      'it answered more than 262144 bytes',
    );
  });

  it('that never ends is given up as soon as it is too large', async () => {
    const answer: Answer = (response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(16 * 1024)));
      };
      response.on('drain', write);
      write();
    };
    await expect(fetchFrom(answer)).rejects.toThrow('it answered more than 262144 bytes');
  });
});

describe('an answer that is no key set is an error', () => {
  it.each([301, 302, 303, 307, 308])('with the status %i, and no redirect is followed', async (status) => {
    const { origin, asked } = await serve((response, request) => {
      if (request.url === '/elsewhere') response.end('{"keys":[]}');
      else response.writeHead(status, { location: '/elsewhere' }).end('{"keys":[]}');
    });
    await expect(fetchJwks(`${origin}/certs`)).rejects.toThrow(`it answered ${status}, expected 200`);
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
    await expect(fetchJwks(`${origin}/certs`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
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
    await expect(fetchJwks(origin.replace('http:', 'https:'))).rejects.toThrow(/SSL|TLS|EPROTO/i);
    expect(asked).toHaveLength(0);
  });

  it('when its answer is not complete after 1.5 s, be it silent from the start or in the middle or too slow', async () => {
    const silent: Answer = () => undefined;
    const stalled: Answer = (response) => response.writeHead(200).write('{"keys":[');
    const slow: Answer = (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    };
    const startedAt = performance.now();
    const outcomes = await Promise.all(
      [silent, stalled, slow].map(async (answer) => {
        await expect(fetchFrom(answer)).rejects.toThrow();
        return performance.now() - startedAt;
      }),
    );
    for (const milliseconds of outcomes) {
      expect(milliseconds).toBeGreaterThan(1400);
      expect(milliseconds).toBeLessThan(4000);
    }
  });
});
