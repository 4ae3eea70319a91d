import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createCheckout, type RunningGateway } from '../support/checkout.ts';

const checkout = createCheckout();
const { startGateway } = checkout;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(checkout.remove);

/** A port on which a server listens that says nothing. */
async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  // A TCP server's address is never a string.
  return (server.address() as AddressInfo).port;
}

async function statusOf({ base }: RunningGateway, authorization: string): Promise<number> {
  return (await fetch(`${base}/api/v1/whoami`, { headers: { authorization } })).status;
}

describe('npm start', () => {
  it('serves from the same table as others, outlives the one that had it open, and prints the same key', async () => {
    const [first, second] = [await startGateway(), await startGateway()];
    expect(second.key).toBe(first.key);
    expect([await statusOf(first, second.key), await statusOf(second, `Bearer ${first.token}`)]).toEqual([200, 200]);

    await first.kill('SIGKILL');
    const { out } = await checkout.run('cli/index', 'keys', 'list', '--user', 'user-42', '--local', '--json');
    expect(out.match(/"keyId"/g)).toHaveLength(1);
    expect(await statusOf(second, second.key)).toBe(200);
    expect((await startGateway()).key).toBe(second.key);
  });

  it('ends on SIGTERM, and lets go of the table', async () => {
    const gateway = await startGateway();
    expect(await gateway.kill('SIGTERM')).toMatchObject({ status: 0, err: '' });
  });

  it("has a fault's cause in the request's line, and the backend's failure", async () => {
    const port = await takePort();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const unreachable = `http://127.0.0.1:${port}`;
    const gateway = await startGateway(
      '--issuer',
      `${unreachable}/realms/x`,
      '--audience',
      'api',
      '--upstream',
      unreachable,
    );
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
    const port = String(await takePort());
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
