import { once } from 'node:events';
import {
  type Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request to a table, whole. */
export interface TableRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TableAnswer extends TableRequest {
  readonly status: number;
}

export interface Relay {
  readonly endpoint: string;
  /** Takes no more requests, and ends when those that it has are answered. */
  stop(): Promise<void>;
}

/** Listens on a free port of the loopback, and answers whole requests by a function. */
export async function startRelay(answer: (request: TableRequest) => Promise<TableAnswer>): Promise<Relay> {
  const pending = new Set<Promise<void>>();
  let isStopping = false;
  const server = createServer((request, response) => {
    // A connection that ends without an answer makes the other side ask again.
    if (isStopping) return void response.destroy();
    const done = handle(request, response).finally(() => pending.delete(done));
    pending.add(done);
  });

  /** Ends when the answer is written, or nobody is left to read it. */
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = once(response, 'close');
    try {
      const { status, headers, body } = await answer({ headers: request.headers, body: await buffer(request) });
      response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
    } catch {
      response.destroy();
    }
    await closed;
  }

  server.keepAliveTimeout = 0; // a connection that is closed just as a request is sent on it costs the client a retry
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      isStopping = true;
      await Promise.allSettled(pending);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

const OF_ONE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** Sends a request to an endpoint. Rejects when no whole answer comes within the time. */
export function sendTo(
  endpoint: string,
  { headers, body }: TableRequest,
  { agent, limitMs }: { readonly agent: Agent; readonly limitMs: number },
): Promise<TableAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method: 'POST',
      headers: { ...withoutConnection(headers), 'content-length': body.length },
      signal: AbortSignal.timeout(limitMs),
    };
    const onward = sendRequest(endpoint, options, (response) => {
      const toAnswer = (text: Buffer): TableAnswer => ({
        status: response.statusCode ?? 500,
        headers: withoutConnection(response.headers),
        body: text,
      });
      buffer(response).then((text) => resolve(toAnswer(text)), reject);
    });
    onward.on('error', reject).end(body);
  });
}

function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ONE_CONNECTION.includes(name)));
}
