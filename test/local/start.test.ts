import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createCheckout, endOf } from '../support/checkout.ts';

// Each starts programs, and a busy machine is slow at that.
vi.setConfig({ testTimeout: 60_000 });

const checkout = createCheckout();
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => checkout.remove());

interface Started {
  readonly base: string;
  readonly key: string;
  readonly token: string;
  /** All that it has written so far. */
  readonly text: () => string;
  readonly ended: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a local gateway on a free port, and waits for its greeting. */
async function start(...args: readonly string[]): Promise<Started> {
  const child = checkout.start('local/start', '--port', '0', ...args);
  stops.push(() => child.kill('SIGKILL'));
  let text = '';
  const ended = endOf(child).then((run) => {
    text += run.err;
    return run;
  });
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await vi.waitUntil(() => text.includes('Ctrl-C') || child.exitCode !== null, { timeout: 50_000, interval: 20 });
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? `no ${pattern} in ${text}`;
  return {
    base: find(/API\) at (\S+);/),
    key: find(/^KEY=(\S+)$/m),
    token: find(/^TOKEN=(\S+)$/m),
    text: () => text,
    ended,
    kill: (signal) => child.kill(signal),
  };
}

async function statusOf({ base }: Started, authorization: string): Promise<number> {
  return (await fetch(`${base}/api/v1/whoami`, { headers: { authorization } })).status;
}

describe('npm start', () => {
  it('serves from the same table as others, outlives the one that had it open, and prints the same key', async () => {
    const [first, second] = [await start(), await start()];
    expect(second.key).toBe(first.key);
    expect([await statusOf(first, second.key), await statusOf(second, `Bearer ${first.token}`)]).toEqual([200, 200]);

    first.kill('SIGKILL');
    await first.ended;
    const { out } = await checkout.run('cli/index', 'keys', 'list', '--user', 'user-42', '--local', '--json');
    expect(out.match(/"keyId"/g)).toHaveLength(1);
    expect(await statusOf(second, second.key)).toBe(200);
    expect((await start()).key).toBe(second.key);
  });

  it('ends on SIGTERM, and lets go of the table', async () => {
    const gateway = await start();
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toMatchObject({ status: 0, err: '' });
  });

  it("has a fault's cause in the request's line, and the backend's failure", async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const address = nobody.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise((resolve) => nobody.close(resolve));

    const unreachable = `http://127.0.0.1:${port}`;
    const gateway = await start('--issuer', `${unreachable}/realms/x`, '--audience', 'api', '--upstream', unreachable);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const soon = Math.floor(Date.now() / 1000) + 60;
    const claims = { iss: `${unreachable}/realms/x`, aud: 'api', sub: 'u', typ: 'Bearer', iat: soon - 60, exp: soon };
    const token = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.${part({})}`;
    expect(await statusOf(gateway, `Bearer ${token}`)).toBe(503);
    expect(await statusOf(gateway, gateway.key)).toBe(504);
    expect(gateway.text()).toMatch(
      /^\S+ {2}GET \S+whoami {2}503 {2}called failure fault\.realm_keys\b.* ms {2}Fault: .*ECONNREFUSED/m,
    );
    expect(gateway.text()).toMatch(
      /^\S+ {2}GET \S+whoami {2}504 {2}called allowed api_key\.valid {2}.* ms {2}.*ECONNREFUSED/m,
    );
  });
});

describe('npm start ends with what is wrong in one line', () => {
  it('and status 1 for a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    stops.push(() => taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    expect(await checkout.run('local/start', '--port', port)).toEqual({
      status: 1,
      out: '',
      err: 'npm start: The port is taken: give another with --port.\n',
    });
  });

  it('and status 2 for an issuer that is none, before anything is started', async () => {
    const { status, out, err } = await checkout.run('local/start', '--issuer', 'id.example.com', '--audience', 'api');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^npm start: --issuer: GATEPASS_ISSUER must be an https URL.*\n$/);
  });
});

it('six commands at once on the local table all do their work', async () => {
  const other = createCheckout();
  const users = Array.from({ length: 6 }, (_, n) => `user-${n}`);
  const runs = await Promise.all(users.map((user) => other.run('cli/index', 'users', 'create', user, '--local')));
  expect(runs.map(({ status, err }) => ({ status, err }))).toEqual(users.map(() => ({ status: 0, err: '' })));
  const { out } = await other.run('cli/index', 'users', 'list', '--local', '--json');
  other.remove();
  const listed = [...out.matchAll(/"userId":\s*"([^"]+)"/g)].map(([, user]) => user);
  expect(listed.sort()).toEqual(users);
});
