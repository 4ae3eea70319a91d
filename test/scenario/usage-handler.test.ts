import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, LOCAL_AWS, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { batchOf, itemsIn, lineOf } from '../support/usage.ts';

let embedded: EmbeddedTable;
let handler: (event: unknown) => Promise<unknown>;
let lines: string[];

beforeEach(async () => {
  embedded = await startEmbeddedTable();
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  await load({ GATEPASS_USAGE_TABLE: embedded.usageTable.name });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await embedded.stop();
});

/** The function as it starts in this environment. */
async function load(env: Readonly<Record<string, string>>): Promise<void> {
  const all = { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: embedded.endpoint, ...env };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  vi.resetModules();
  ({ handler } = await import('../../src/usage/handler.ts'));
}

/** A topic on the loopback, which answers each message by a status. */
async function startTopic(answer: (message: URLSearchParams) => number) {
  const server = createServer(async (request, response) => {
    response.statusCode = answer(new URLSearchParams(await text(request)));
    response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function alertsTo(endpoint: string): Readonly<Record<string, string>> {
  return {
    ...{ GATEPASS_USAGE_TABLE: embedded.usageTable.name, GATEPASS_USAGE_ALERTS: 'true' },
    GATEPASS_USAGE_TOPIC: 'arn:aws:sns:eu-west-1:123456789012:gatepass',
    AWS_ENDPOINT_URL_SNS: endpoint,
  };
}

const keyId = createKeyId(randomUUID(), randomBytes);
const lastLine = () => JSON.parse(lines.at(-1) ?? '');

describe('the recorder', () => {
  it('records a batch, tells in one line what became of it, and names no key', async () => {
    const batch = batchOf([lineOf({ keyId, at: Date.now(), sourceIp: '192.0.2.1' }), 'START']);
    await handler(batch);
    expect(lines).toHaveLength(1);
    expect(lastLine()).toMatchObject({
      ...{ level: 'INFO', message: 'usage: recorded', outcome: 'recorded', usageLines: 2, usageWrites: 2 },
      ...{ uses: 1, refusals: 0, passedOver: { foreign: 1 }, usageRefusalsOverCeiling: 0 },
      _aws: { CloudWatchMetrics: [{ Namespace: 'Gatepass', Dimensions: [[]] }] },
    });
    expect(lines.join('')).not.toContain(keyId);
    expect(await itemsIn(embedded.usageTable, keyId)).toHaveLength(2);
    await handler(batch);
    expect(lastLine()).toMatchObject({ usageWrites: 0 });
  });

  it('tells and counts a batch that can not be read, and does not ask for it again', async () => {
    await handler({});
    expect(lastLine()).toMatchObject({
      level: 'ERROR',
      outcome: 'refused',
      reason: 'unreadable',
      usageBatchesRefused: 1,
    });
    const data = gzipSync(Buffer.alloc(32 * 1024 * 1024 + 1, ' ')).toString('base64');
    await handler({ awslogs: { data } });
    expect(lastLine()).toMatchObject({
      level: 'ERROR',
      outcome: 'refused',
      reason: 'too_large',
      usageBatchesRefused: 1,
    });
  });

  it('fails for a table that is not there, so that the batch comes again, and goes on when it is', async () => {
    await load({ GATEPASS_USAGE_TABLE: 'another' });
    const batch = batchOf([lineOf({ keyId, at: Date.now() })]);
    await expect(handler(batch)).rejects.toThrow();
    expect(lastLine()).toMatchObject({
      level: 'ERROR',
      outcome: 'failed',
      why: 'ResourceNotFoundException (status 400)',
    });
    const { createTable } = await import('../../src/table/table.ts');
    await createTable({ ...embedded.usageTable, name: 'another' });
    await handler(batch);
    expect(lastLine()).toMatchObject({ outcome: 'recorded', usageWrites: 2 });
  });

  it.each([
    ['true', 1],
    ['false', 0],
  ])('tells what is unusual by a line and a message, if that is asked for: %s', async (alerts, count) => {
    const published: URLSearchParams[] = [];
    const topic = await startTopic((message) => {
      published.push(message);
      return 200;
    });
    try {
      await load({ ...alertsTo(topic.endpoint), GATEPASS_USAGE_ALERTS: alerts });
      await handler(batchOf([lineOf({ keyId, at: Date.now() - 40 * 86_400_000, sourceIp: '192.0.2.1' })]));
      const unusual = batchOf([lineOf({ keyId, at: Date.now(), sourceIp: '198.51.100.1' })]);
      await handler(unusual);
      await handler(unusual);
    } finally {
      topic.stop();
    }
    const told = lines.map((line) => JSON.parse(line)).filter((line) => 'unusual' in line);
    const message = `key ${keyId} was used from 198.51.100.0/24, where it was not used from in 30 days`;
    const line = { level: 'WARN', unusual: 'new_block', apiKeyId: keyId, message: `unusual: ${message}` };
    expect(told).toMatchObject(Array(count).fill(line));
    expect(published.map((one) => [one.get('TopicArn'), one.get('Message')])).toEqual(
      Array(count).fill([
        'arn:aws:sns:eu-west-1:123456789012:gatepass',
        `K${message.slice(1)}.\n\nSee it with: gatepass usage ${keyId}`,
      ]),
    );
  });

  it('fails for a message that is not taken, when all is recorded, and sends it when the batch comes again', async () => {
    const published: URLSearchParams[] = [];
    let isDown = true;
    const topic = await startTopic((message) => {
      if (isDown) return 403;
      published.push(message);
      return 200;
    });
    const others = Array.from({ length: 40 }, () => createKeyId(randomUUID(), randomBytes));
    try {
      await load(alertsTo(topic.endpoint));
      await handler(batchOf([lineOf({ keyId, at: Date.now() - 40 * 86_400_000, sourceIp: '192.0.2.1' })]));
      const all = [keyId, ...others].map((one) => lineOf({ keyId: one, at: Date.now(), sourceIp: '198.51.100.1' }));
      await expect(handler(batchOf(all))).rejects.toThrow();
      expect(lastLine()).toMatchObject({ level: 'ERROR', outcome: 'failed' });
      for (const one of others) expect(await itemsIn(embedded.usageTable, one)).toHaveLength(2);
      isDown = false;
      vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
      await load(alertsTo(topic.endpoint)); // by another instance
      await handler(batchOf(all));
      await handler(batchOf(all));
    } finally {
      vi.useRealTimers();
      topic.stop();
    }
    expect(published.map((one) => one.get('Subject'))).toEqual(['Gatepass: new_block of a key']);
  });

  it('says everything that is wrong with its configuration at once', async () => {
    await load({ GATEPASS_USAGE_TABLE: '', GATEPASS_USAGE_ADDRESSES: 'some', GATEPASS_USAGE_SILENCE_DAYS: '0' });
    await expect(handler(batchOf([]))).rejects.toThrow(
      /GATEPASS_USAGE_TABLE is missing[\s\S]*ADDRESSES must be[\s\S]*SILENCE_DAYS/,
    );
  });
});
