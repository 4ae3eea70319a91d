import { once } from 'node:events';
import { type Agent, createServer, type IncomingHttpHeaders, request as sendRequest } from 'node:http';
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
  const pending = new Set<Promise<unknown>>();
  let isStopping = false;
  const server = createServer(async (request, response) => {
    // A connection that ends without an answer makes the other side ask again.
    if (isStopping) return response.destroy();
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return response.destroy();
    const answered = answer({ headers: request.headers, body });
    pending.add(answered);
    const result = await answered.catch(() => undefined).finally(() => pending.delete(answered));
    if (result === undefined) return response.destroy();
    return response
      .writeHead(result.status, { ...result.headers, 'content-length': result.body.length })
      .end(result.body);
  });
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
