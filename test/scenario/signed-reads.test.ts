import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createTableClient } from '../../src/table/client.ts';
import { createReads } from '../../src/table/sdk-reads.ts';
import { openReads } from '../../src/table/signed-reads.ts';

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: 'session',
};
const KEY = { pk: 'account#1', sk: 'account' };

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let received: Received[] = [];
let answers: readonly { readonly status: number; readonly body: unknown }[] = [];
let endpoint = '';

/** Answers as it is told, the last answer again and again. */
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const answer = answers[Math.min(received.length, answers.length - 1)];
  received.push({ headers: request.headers, body });
  response.writeHead(answer?.status ?? 500).end(JSON.stringify(answer?.body));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  endpoint = `http://127.0.0.1:${port}`;
});
beforeEach(() => {
  received = [];
  answers = [{ status: 200, body: {} }];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function open(env: object = CREDENTIALS) {
  return openReads({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_DYNAMODB: endpoint, ...env });
}

const options = () => ({ abortSignal: AbortSignal.timeout(5000) });
const get = { TableName: 'gatepass', Key: KEY, ConsistentRead: true };
const batch = { RequestItems: { gatepass: { Keys: [KEY, { pk: 'account#2', sk: 'account' }], ConsistentRead: true } } };

it("sends what the SDK's client sends: the same operations, inputs and content type", async () => {
  const env = { ...CREDENTIALS, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const sdk = createReads(createTableClient({ endpoint, region: 'eu-west-1' }));
  for (const reads of [sdk, open()]) {
    await reads.get(get, options());
    await reads.batchGet(batch, options());
  }
  vi.unstubAllEnvs();
  const said = received.map(({ headers, body }) => [
    ...['x-amz-target', 'content-type', 'content-length', 'x-amz-security-token'].map((name) => headers[name]),
    JSON.parse(body),
  ]);
  expect(said).toHaveLength(4);
  expect(said.slice(2)).toEqual(said.slice(0, 2));
});

it('signs all that it sends, the body and the session token too', async () => {
  await open().get(get, options());
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  const { authorization = '', 'x-amz-date': time = '' } = headers;
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(authorization) ?? [];
  expect(scope).toBe(`${String(time).slice(0, 8)}/eu-west-1/dynamodb/aws4_request`);
  expect(names.split(';')).toEqual(
    expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target']),
  );
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  const signed = names
    .split(';')
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const canonical = `POST\n/\n\n${signed}\n${names}\n${sha256(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), 'AWS4example');
  expect(signature).toBe(hmac(key, toSign).toString('hex'));
});

it('reads the values of items as they were written, and keys that were left unprocessed', async () => {
  const item = {
    pk: { S: 'a' },
    active: { BOOL: true },
    expiresAt: { N: '1795508130' },
    roles: { L: [{ S: 'admin' }] },
  };
  const left = { Keys: [{ pk: { S: 'account#2' }, sk: { S: 'account' } }], ConsistentRead: true };
  const body = { Item: item, Responses: { gatepass: [item] }, UnprocessedKeys: { gatepass: left } };
  answers = [{ status: 200, body }];
  const values = { pk: 'a', active: true, expiresAt: 1_795_508_130, roles: ['admin'] };
  expect(await open().get(get, options())).toEqual({ Item: values, $metadata: { attempts: 1 } });
  expect(await open().batchGet(batch, options())).toEqual({
    Responses: { gatepass: [values] },
    UnprocessedKeys: { gatepass: { Keys: [{ pk: 'account#2', sk: 'account' }], ConsistentRead: true } },
    $metadata: { attempts: 1 },
  });
});

it('gives no item where there is none', async () => {
  expect(await open().get(get, options())).toEqual({ Item: undefined, $metadata: { attempts: 1 } });
});

it.each([
  ['ProvisionedThroughputExceededException', 400, 3],
  ['InternalServerError', 500, 3],
  ['ResourceNotFoundException', 400, 1],
  ['AccessDeniedException', 400, 1],
])(
  'fails with %s as the service names it (status %i, attempts %i), and repeats none of its text',
  async (name, status, attempts) => {
    answers = [{ status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'secret' } }];
    const failure: unknown = await open()
      .get(get, options())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name, $metadata: { httpStatusCode: status, attempts } });
    expect(String(failure)).not.toContain('secret');
    expect(received).toHaveLength(attempts);
  },
);

it('counts the attempt that was answered', async () => {
  answers = [
    { status: 503, body: {} },
    { status: 200, body: {} },
  ];
  expect(await open().get(get, options())).toMatchObject({ $metadata: { attempts: 2 } });
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
});

it.each([
  [200, 'no object'],
  [302, {}],
])('takes no answer of status %i and another form for one: %j', async (status, body) => {
  answers = [{ status, body }];
  await expect(open().get(get, options())).rejects.toMatchObject({ name: 'UnknownError' });
});

it('asks nobody without credentials', async () => {
  await expect(open({}).get(get, options())).rejects.toMatchObject({ name: 'CredentialsProviderError' });
  expect(received).toEqual([]);
});

it('stops trying when it is told to', async () => {
  answers = [{ status: 500, body: {} }];
  const abort = new AbortController();
  const asked = open().get(get, { abortSignal: abort.signal });
  abort.abort(new Error('too late'));
  await expect(asked).rejects.toThrow();
  expect(received.length).toBeLessThan(2);
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
