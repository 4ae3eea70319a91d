import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from './gateway.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024; // API Gateway's own limit

export interface GatewayServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves a gateway on the loopback. */
export async function serve(gateway: Gateway, port: number): Promise<GatewayServer> {
  const server = createServer(async (message, answer) => {
    try {
      const response = await gateway(await readMessage(message));
      answer.writeHead(response.status, { ...response.headers, ...lengthOf(message, response) }).end(response.body);
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        answer.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
        answer.end('{"message":"Request Too Long"}');
        return;
      }
      process.stderr.write(`The local gateway failed: ${error instanceof Error ? error.stack : error}\n`);
      answer.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"Internal server error"}');
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** RFC 9110, section 8.6: none of a 204; of the answer to `HEAD`, or of a 304, it is the length of what is left out. */
function lengthOf({ method }: IncomingMessage, { status, body }: HttpResponse): { 'content-length'?: number } {
  const isLeftOut = status === 204 || status === 304 || (method === 'HEAD' && body.length === 0);
  return isLeftOut ? {} : { 'content-length': Buffer.byteLength(body) };
}

class BodyTooLarge extends Error {}

async function readMessage(message: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  const [path = '/', query = ''] = splitOnce(message.url ?? '/', '?');
  const headers: [string, string][] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    headers.push([message.rawHeaders[index] ?? '', message.rawHeaders[index + 1] ?? '']);
  }
  const sourceIp = (message.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return { method: message.method ?? 'GET', path, query, headers, sourceIp, body: Buffer.concat(chunks) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
