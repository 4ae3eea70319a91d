import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that the page makes. */
export interface PageRequest {
  readonly name: string;
  readonly url: string;
  readonly init?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> };
}

/** What a page can see of an answer. */
export type Seen =
  | { readonly status: number; readonly challenge: string | null; readonly body: unknown }
  | { readonly unreadable: string };

export interface PageServer {
  readonly origin: string;
  /** What the page hands back when it is done. */
  readonly seen: Promise<Readonly<Record<string, Seen>>>;
  stop(): Promise<void>;
}

/** Serves `page.html` from an origin of its own, with the requests for it to make. */
export async function servePage(requests: () => readonly PageRequest[]): Promise<PageServer> {
  const page = await readFile(new URL('page.html', import.meta.url));
  const { promise: seen, resolve } = withResolver<Readonly<Record<string, Seen>>>();
  const server = createServer(async (request, response) => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        return response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      case 'GET /cases':
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(requests()));
      case 'POST /seen':
        resolve(JSON.parse(await text(request)));
        return response.writeHead(204).end();
      default:
        return response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((one) => {
    resolve = one;
  });
  return { promise, resolve };
}
