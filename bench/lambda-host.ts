import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpuMilliseconds } from './cpu.ts';

/** What one thing took, in milliseconds: of the CPUs, and by the clock. */
export interface Took {
  readonly cpu: number;
  readonly wall: number;
}

/** A function in a process of its own, under AWS's runtime client, as Lambda starts it. */
export interface Instance {
  readonly pid: number;
  /** From the start of the process until it asks for its first event. */
  readonly start: Took;
  /** Hands it an event. @returns what it answered, or the error that it threw, and what that took. */
  answer(event: unknown): Promise<Took & { readonly result: unknown }>;
  stop(): Promise<void>;
}

interface Program {
  readonly node: string;
  readonly ric: string;
  /** The folder of a bundle whose file `index` exports `handler`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const PATH = /^\/2018-06-01\/runtime\/invocation\/(?:next|[^/]+\/(?:response|error))$/;

/**
 * Starts an instance, and speaks Lambda's Runtime API with it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startInstance({ node, ric, folder, env }: Program): Promise<Instance> {
  const api = createServer();
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo; // a TCP server's address is never a string
  const startedAt = performance.now();
  const child = spawn(node, [ric, 'index.handler'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...env,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
    },
  });
  const pid = pidOf(child);
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error(`The function ended by itself: ${errors}`)));
  ended.catch(() => undefined); // it is told to whoever waits for the next request
  const next = () => Promise.race([nextRequest(api), ended]);
  let waiting = (await next()).response;
  const start = { cpu: cpuMilliseconds(pid), wall: performance.now() - startedAt };

  return {
    pid,
    start,
    async answer(event) {
      const [cpu, wall] = [cpuMilliseconds(pid), performance.now()];
      const headers = {
        'content-type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': randomUUID(),
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + 8000),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
      };
      waiting.writeHead(200, headers).end(JSON.stringify(event));
      const answer = await next();
      const took = { cpu: cpuMilliseconds(pid) - cpu, wall: performance.now() - wall };
      answer.response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
      waiting = (await next()).response;
      return { ...took, result: JSON.parse(answer.body) };
    },
    async stop() {
      child.kill('SIGKILL');
      api.closeAllConnections();
      await Promise.all([exited, new Promise((resolve) => api.close(resolve))]);
    },
  };
}

/** The next request of the runtime client: for an event, or with an answer. */
async function nextRequest(api: Server): Promise<{ readonly body: string; readonly response: ServerResponse }> {
  const asked = await once(api, 'request', { signal: AbortSignal.timeout(30_000) });
  const [request, response] = asked as [IncomingMessage, ServerResponse]; // what a server's event has
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { url = '' } = request;
  if (!PATH.test(url)) throw new Error(`The runtime client asked for ${url}: ${body}`);
  return { body, response };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The function could not be started.');
  return pid;
}
