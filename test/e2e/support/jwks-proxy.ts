import { once } from 'node:events';
import { createServer } from 'node:http';

/** Stands between a function and the realm's keys. */
export interface JwksProxy {
  /** What a function takes for `GATEPASS_JWKS_URI`. */
  readonly uri: string;
  /** When it was asked, in epoch milliseconds. */
  readonly askedAt: readonly number[];
  /** What it answers from now on: the realm's own set, one without keys as while a realm is restored, or not at all. */
  answer(which: Answer): void;
  stop(): Promise<void>;
}

type Answer = 'realm' | 'empty' | 'nothing';

export async function startJwksProxy(issuer: string): Promise<JwksProxy> {
  const askedAt: number[] = [];
  let answers: Answer = 'realm';

  async function fetchAnswer(): Promise<{ readonly status: number; readonly body: string }> {
    if (answers === 'empty') return { status: 200, body: '{"keys":[]}' };
    const realm = await fetch(`${issuer}/protocol/openid-connect/certs`);
    return { status: realm.status, body: await realm.text() };
  }

  const server = createServer((_, response) => {
    askedAt.push(Date.now());
    if (answers === 'nothing') return;
    fetchAnswer().then(
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
    answer: (which) => {
      answers = which;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
