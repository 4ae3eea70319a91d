import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { expectNoPartOf, smoke } from './support/smoke.ts';

const KEY = createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('user', randomBytes) }, randomBytes);
const SECRET = KEY.slice(KEY.lastIndexOf('_') + 1);
const IMPORTED = `legacy-${randomBytes(24).toString('hex')}`;
const TOKEN = ['{"alg":"RS256"}', '{"exp":4000000000}', randomBytes(32).toString('hex')]
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe('a wrong command line: exit status 2, and what is wrong', () => {
  it.each([
    ['no --url', [], "required option '--url <url>' not specified"],
    ['a URL without a scheme', ['--url', 'api.example.com/prod'], 'It must be an http or https URL'],
    ['a URL that is not for HTTP', ['--url', 'ftp://api.example.com/prod'], 'It must be an http or https URL'],
    ['a URL with a query', ['--url', 'https://api.example.com/prod?a=b'], 'no query and no fragment'],
    ['a URL with a password', ['--url', 'https://me:password-1234@api.example.com'], 'no user and no password'],
    ['an empty key', ['--url', 'http://127.0.0.1', '--key', ''], '--key is empty'],
    ['a key in two lines', ['--url', 'http://127.0.0.1', '--key', `${IMPORTED}\n${IMPORTED}`], '--key has characters'],
    ['a misspelt option', ['--url', 'http://127.0.0.1', `--kye=${KEY}`], "unknown option '--kye=gp_live_"],
    [
      'an expiring token that is none',
      ['--url', 'http://127.0.0.1', '--expiring-token', KEY],
      'not a JWT with an "exp"',
    ],
    ['a key of one network alone', ['--url', 'http://127.0.0.1', '--outside-key', KEY], 'go together'],
    ['a key to revoke, and no command', ['--url', 'http://127.0.0.1', '--revocable-key', KEY], 'go together'],
    ['a path without a slash', ['--url', 'http://127.0.0.1', '--path', 'api'], 'It must start with a slash'],
    ['a route without a method', ['--url', 'http://127.0.0.1', '--other', '/api'], 'a method and a path'],
    ['a TTL that is no number', ['--url', 'http://127.0.0.1', '--ttl', 'soon'], 'a whole number of seconds'],
  ])('%s', async (_, args, message) => {
    const run = await smoke(...args);
    expect(run).toMatchObject({ status: 2, out: '', err: expect.stringContaining(message) });
    expectNoPartOf([SECRET, IMPORTED, 'password-1234'], run.everything);
  });

  it('--help is not wrong', async () => {
    expect(await smoke('--help')).toMatchObject({ status: 0, out: expect.stringContaining('Examples:'), err: '' });
  });
});

describe('nothing that can be judged: exit status 1, and what to do', () => {
  it('nothing listens there', async () => {
    const url = await listen((_, response) => response.end());
    stops.splice(0).forEach((stop) => void stop());
    const { port } = new URL(url);
    const err = `smoke: nothing listens at 127.0.0.1:${port}: check --url, or start a local gateway: npm start -- --port ${port}.`;
    expect(await smoke('--url', url)).toEqual({ status: 1, out: '', err, everything: expect.anything() });
  });

  it('it does not answer in time', async () => {
    const url = await listen(() => undefined);
    expect(await smoke('--url', url, '--timeout', '1')).toMatchObject({
      status: 1,
      out: '',
      err: 'smoke: no answer within 1 s (--timeout).',
    });
  });

  it('it breaks off', async () => {
    const url = await listen((request) => request.socket.destroy());
    expect(await smoke('--url', url)).toMatchObject({ status: 1, out: '', err: expect.stringContaining('ECONNRESET') });
  });

  it('the stage was forgotten', async () => {
    const url = await listen((_, response) =>
      response.writeHead(403, { 'x-amzn-errortype': 'MissingAuthenticationTokenException' }).end('{}'),
    );
    expect(await smoke('--url', url)).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringContaining('--url needs the stage at its end'),
    });
  });

  it('it stops answering on the way: the rest fails', async () => {
    let requests = 0;
    const url = await listen((request, response) => (++requests > 1 ? request.socket.destroy() : response.end()));
    const run = await smoke('--url', url);
    expect(run).toMatchObject({ status: 1, err: '', out: expect.stringContaining('ECONNRESET') });
    expect(run.out).toMatch(/: 0 passed, \d+ failed, \d+ skipped$/);
  });
});

describe('no credential is written', () => {
  const secrets = [KEY, IMPORTED, TOKEN];

  it.each([
    ['whole', (value: string) => value],
    ['in part', (value: string) => value.slice(3, 40)],
    ['beside other text', (value: string) => `you sent <${value}>!`],
    ['within other text', (value: string) => `x${value.slice(9, 35)}x`],
  ])('by a server that echoes it %s', async (_, echo) => {
    const url = await listen((request, response) => {
      const text = echo(request.headers.authorization ?? '');
      response.writeHead(401, { 'x-echo': text, 'www-authenticate': `Bearer realm="${text}"` });
      response.end(JSON.stringify({ error: text, message: text }));
    });
    for (const key of [KEY, IMPORTED]) {
      const args = ['--url', url, '--key', key, '--token', TOKEN, '--expiring-token', TOKEN, '--revocable-key', key];
      for (const run of [
        await smoke(...args, '--revoke', 'true'),
        await smoke(...args, '--revoke', 'true', '--json'),
      ]) {
        expect(run.status).toBe(1);
        expect(run.everything).toContain('[credential]');
        expectNoPartOf(secrets, run.everything);
      }
    }
  });

  it('by a --revoke command that complains about it', async () => {
    const url = await listen((_, response) => response.end('{}'));
    const run = await smoke('--url', url, '--revocable-key', IMPORTED, '--revoke', `echo "no ${IMPORTED}" >&2; exit 1`);
    expect(run.out).toContain('ended with status 1: no [credential]');
    expectNoPartOf([IMPORTED], run.everything);
  });
});

type Listener = Parameters<typeof createServer>[1];

async function listen(listener: NonNullable<Listener>): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
