import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { LOCAL_AWS } from '../../src/local/embedded-table.ts';
import { recordOutput } from '../support/recorded-output.ts';

const KEY_ID = '0i5T1SDDFrAIMls9v5SOZmjYYqhA';
const TODAY = '2026-11-26';

const started = v.object({
  logGroupName: v.string(),
  queryString: v.string(),
  startTime: v.number(),
  endTime: v.number(),
});

/** CloudWatch Logs as its clients see it: JSON by `X-Amz-Target`. Each query runs for one look, and is complete at the next. */
let server: Server;
let queries: v.InferOutput<typeof started>[];
let looks: number;
let ending: string;

const field = (name: string, value: string) => ({ field: name, value });
const BY_DAY = [
  [field('bin(1d)', `${TODAY} 00:00:00.000`), field('status', '200'), field('requests', '1200')],
  [field('bin(1d)', `${TODAY} 00:00:00.000`), field('status', '429'), field('requests', '34')],
];
const BY_ORIGIN = [
  [
    ...[
      field('sourceIp', '192.0.2.1'),
      field('method', 'GET'),
      field('path', '/api/v1/orders'),
      field('status', '200'),
    ],
    ...[field('requests', '1234'), field('first', `${TODAY} 01:00:00.000`), field('last', `${TODAY} 02:00:00.000`)],
  ],
];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(`${TODAY}T23:59:59Z`) });
  queries = [];
  looks = 0;
  ending = 'Complete';
  server = createServer(async (request, response) => {
    const body = await json(request);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer(String(request.headers['x-amz-target']), body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', `http://127.0.0.1:${port}`);
});

afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

function answer(target: string, body: unknown): object {
  if (target.endsWith('.StartQuery')) {
    queries.push(v.parse(started, body));
    return { queryId: String(queries.length - 1) };
  }
  const { queryId } = v.parse(v.object({ queryId: v.string() }), body);
  const statistics = { bytesScanned: 1_500_000_000, recordsMatched: 2, recordsScanned: 3 };
  if (++looks <= 2) return { status: 'Running', results: [], statistics: { ...statistics, bytesScanned: 100_000_000 } };
  const results = queries[Number(queryId)]?.queryString.includes('bin(1d)') ? BY_DAY : BY_ORIGIN;
  return { status: ending, results, statistics };
}

async function usage(...args: readonly string[]) {
  const output = recordOutput();
  await createProgram(output, (text) => text).parseAsync(['usage', ...args], { from: 'user' });
  return { out: output.results(), err: output.messages() };
}

describe('gatepass usage --requests', () => {
  it('counts requests by day, status, address and route, and says what it scanned and about what that costs', async () => {
    const { out } = await usage(KEY_ID, '--requests', '--access-log-group', 'orders-api', '--days', '2');
    expect(out).toMatch(new RegExp(`^${TODAY}  1234  #{40}$`, 'm'));
    expect(out).toContain('By status     200: 1200, 429: 34');
    expect(out).toContain('Addresses     1\n');
    expect(out).toMatch(/^192\.0\.2\.1 {2}GET {5}\/api\/v1\/orders {2}200 {5}1234 /m);
    expect(out).toContain('Scanned 3.00 GB, for about $0.0150 at $0.005 a GB.');
  });

  it('asks for that key alone, from the start of the first day until now', async () => {
    await usage(KEY_ID, '--requests', '--access-log-group', '/aws/orders_api.1#x', '--days', '2');
    expect(queries).toHaveLength(2);
    for (const { logGroupName, queryString, startTime, endTime } of queries) {
      expect(logGroupName).toBe('/aws/orders_api.1#x');
      expect(queryString.split('\n')[0]).toBe(`filter apiKeyId = "${KEY_ID}"`);
      expect(startTime * 1000).toBe(Date.parse(TODAY) - 86_400_000);
      expect(endTime * 1000).toBe(Date.now());
    }
  });

  it('asks for the keys of a user, and not their tokens', async () => {
    await usage('ada+1@example.com', '--requests', '--access-log-group', 'orders-api');
    expect(queries.map(({ queryString }) => queryString.split('\n')[0])).toEqual(
      Array(2).fill('filter userId = "ada+1@example.com" and authMethod = "api_key"'),
    );
  });

  it('prints all of it as JSON', async () => {
    const { out } = await usage(KEY_ID, '--requests', '--access-log-group', 'orders-api', '--json');
    expect(JSON.parse(out)).toMatchObject({
      keys: [],
      requests: {
        days: [{ day: TODAY, status: '200', requests: 1200 }, { requests: 34 }],
        origins: [{ sourceIp: '192.0.2.1', method: 'GET', path: '/api/v1/orders', status: '200', requests: 1234 }],
        ...{ isCutOff: false, bytesScanned: 3_000_000_000, cost: 0.015 },
      },
    });
  });

  it.each(['a" or userId like /.*/ #', 'a"b', "a'b", 'a\\b', 'a\nb', 'a | limit 1', 'x'.repeat(129)])(
    'lets no value into a query that could be more than one: %j',
    async (userId) => {
      await expect(usage(userId, '--requests', '--access-log-group', 'g')).rejects.toThrow('may not stand in a query');
      expect(queries).toEqual([]);
    },
  );

  it.each([
    [['--access-log-group', 'a"b'], 'Give --access-log-group NAME'],
    [[], 'Give --access-log-group NAME'],
    [['--access-log-group', 'g', '--local'], 'there are none of the local gateway'],
  ])('says what it needs: %j', async (args, message) => {
    await expect(usage(KEY_ID, '--requests', ...args)).rejects.toThrow(message);
    expect(queries).toEqual([]);
  });

  it.each(['Failed', 'Timeout', 'Cancelled'])('fails if the query does: %s', async (status) => {
    ending = status;
    await expect(usage(KEY_ID, '--requests', '--access-log-group', 'g')).rejects.toThrow(`ended the query: ${status}`);
  });
});
