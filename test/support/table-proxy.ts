import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface TableAnswer {
  readonly status: number;
  readonly body: string;
}

/** What the proxy does with a request instead of passing it on. */
export type Misbehaviour = 'hang' | 'hang up' | TableAnswer;

/** Stands between the authorizer and its table: counts what is asked, and misbehaves when told to. */
export interface TableProxy {
  readonly endpoint: string;
  /** The operations asked for since the last `reset`, as `BatchGetItem`. */
  readonly operations: readonly string[];
  /** @param times for how many requests; without it until the `reset`. */
  misbehave(how: Misbehaviour, times?: number): void;
  /** Passes everything on again and forgets what was asked. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startTableProxy(endpoint: string): Promise<TableProxy> {
  const target = new URL(endpoint);
  let operations: string[] = [];
  let misbehaviour: Misbehaviour | undefined;
  let timesLeft = 0;

  const server = createServer(async (request, response) => {
    operations.push(String(request.headers['x-amz-target']).replace(/^.*\./, ''));
    const how = timesLeft > 0 ? misbehaviour : undefined;
    timesLeft -= 1;
    const body = await readAll(request);
    if (how === 'hang') return;
    if (how === 'hang up') return request.socket.destroy();
    if (how !== undefined) return answerWith(response, how);
    return passOn(request, body, response);
  });

  function passOn({ method, headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const onward = httpRequest({ host: target.hostname, port: target.port, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    get operations() {
      return operations;
    },
    misbehave: (how, times = Number.POSITIVE_INFINITY) => {
      misbehaviour = how;
      timesLeft = times;
    },
    reset: () => {
      operations = [];
      timesLeft = 0;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerWith(response: ServerResponse, { status, body }: TableAnswer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
