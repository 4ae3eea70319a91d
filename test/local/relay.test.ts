import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type Relay, sendTo, startRelay, type TableAnswer } from '../../src/local/relay.ts';

const agent = new Agent({ keepAlive: true });
const LIMIT = { agent, limitMs: 20_000 };
const REQUEST = { headers: { 'x-amz-target': 'GetItem' }, body: Buffer.from('{}') };
const ANSWER: TableAnswer = { status: 200, headers: { 'x-own': 'yes' }, body: Buffer.from('{"é":1}') };

let relay: Relay | undefined;

afterEach(() => relay?.stop());

it('passes a request and its answer on whole', async () => {
  relay = await startRelay(async ({ headers, body }) => {
    expect({ target: headers['x-amz-target'], body: body.toString() }).toEqual({ target: 'GetItem', body: '{}' });
    return ANSWER;
  });
  const { status, headers, body } = await sendTo(relay.endpoint, REQUEST, LIMIT);
  expect({ status, own: headers['x-own'], body: body.toString() }).toEqual({
    status: 200,
    own: 'yes',
    body: '{"é":1}',
  });
});

it('ends the connection for a request that cannot be answered, and answers the next', async () => {
  let count = 0;
  relay = await startRelay(async () => {
    if (count++ === 0) throw new Error('no');
    return ANSWER;
  });
  await expect(sendTo(relay.endpoint, REQUEST, LIMIT)).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await sendTo(relay.endpoint, REQUEST, LIMIT)).toMatchObject({ status: 200 });
});

it('survives a client that ends in the middle of its request', async () => {
  relay = await startRelay(async () => ANSWER);
  const { port } = new URL(relay.endpoint);
  const client = connect(Number(port), '127.0.0.1');
  await once(client, 'connect');
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  client.resetAndDestroy();
  await once(client, 'close');
  expect(await sendTo(relay.endpoint, REQUEST, LIMIT)).toMatchObject({ status: 200 });
});

it('gives up on an endpoint that does not answer within the time', async () => {
  let release: (value: TableAnswer) => void = () => {};
  // One promise for all requests: on a busy machine the relay may hear of this one only when its sender is gone.
  const answer = new Promise<TableAnswer>((resolve) => (release = resolve));
  relay = await startRelay(() => answer);
  await expect(sendTo(relay.endpoint, REQUEST, { agent, limitMs: 50 })).rejects.toMatchObject({ name: 'AbortError' });
  release(ANSWER);
});

it('answers what it has, and takes nothing more, when it is stopped', async () => {
  let answer: (value: TableAnswer) => void = () => {};
  let count = 0;
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const started = await startRelay(() => {
    count++;
    begin();
    return new Promise((resolve) => (answer = resolve));
  });
  relay = started;
  const first = sendTo(started.endpoint, REQUEST, LIMIT);
  await begun;
  const stopped = started.stop();
  await expect(sendTo(started.endpoint, REQUEST, LIMIT)).rejects.toThrow(/socket hang up|ECONNRE/);
  answer(ANSWER);
  expect(await first).toMatchObject({ status: 200 });
  await stopped;
  relay = undefined;
  expect(count).toBe(1);
});
