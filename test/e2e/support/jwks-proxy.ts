import { once } from 'node:events';
import { createServer } from 'node:http';

/** Stands between a function and the realm's keys. */
export interface JwksProxy {
  /** What a function takes for `GATEPASS_JWKS_URI`. */
  readonly uri: string;
  /** When it was asked, in epoch milliseconds. */
  readonly askedAt: readonly number[];
  /** From now on it answers a key set without keys, as a realm does that is being restored; or the realm's own. */
  answerEmpty(isEmpty: boolean): void;
  stop(): Promise<void>;
}

export async function startJwksProxy(issuer: string): Promise<JwksProxy> {
  const askedAt: number[] = [];
  let isEmpty = false;

  async function answer(): Promise<{ readonly status: number; readonly body: string }> {
    if (isEmpty) return { status: 200, body: '{"keys":[]}' };
    const realm = await fetch(`${issuer}/protocol/openid-connect/certs`);
    return { status: realm.status, body: await realm.text() };
  }

  const server = createServer((_, response) => {
    askedAt.push(Date.now());
    answer().then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return {
    uri: `http://127.0.0.1:${address.port}/certs`,
    askedAt,
    answerEmpty: (next) => {
      isEmpty = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
