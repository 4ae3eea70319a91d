import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request instead of being passed on. */
type Fate = 'hang up' | { readonly status: number; readonly body: string };

/** Stands between the sync and its realm: notes what is asked, and lets requests fail when told to. */
export interface RealmProxy {
  readonly origin: string;
  /** `GET /admin/realms/…` and so on, since the last `reset`. */
  readonly asked: readonly string[];
  /** @param fate decides by a request, as in `asked`, and by how many came before it; nothing: it is passed on. */
  decide(fate: (request: string, before: number) => Fate | undefined): void;
  /** Passes everything on again, and forgets what was asked. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startRealmProxy(target: string): Promise<RealmProxy> {
  const { hostname, port } = new URL(target);
  let asked: string[] = [];
  let decide: (request: string, before: number) => Fate | undefined = () => undefined;

  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    const fate = decide(name, asked.length);
    asked.push(name);
    if (fate === 'hang up') request.socket.destroy();
    else if (fate !== undefined) response.writeHead(fate.status).end(fate.body);
    else passOn(request, response);
  });

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const onward = httpRequest({ host: hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port: own } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${own}`,
    get asked() {
      return asked;
    },
    decide: (fate) => {
      decide = fate;
    },
    reset: () => {
      asked = [];
      decide = () => undefined;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
