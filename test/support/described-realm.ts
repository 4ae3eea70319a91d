import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

/** A realm that describes itself: the embedded issuer publishes its keys only. */
export interface DescribedRealm {
  readonly issuer: string;
  /** What it says of itself from now on; what is not said is as it should be. */
  describe(change: object): void;
  stop(): void;
}

/** @param jwksUri where the embedded issuer publishes its keys; they are to be had at the realm's own address too. */
export async function startDescribedRealm(jwksUri: string): Promise<DescribedRealm> {
  const server = createServer(async (request, response) => {
    const [, path] = request.url?.split('/realms/demo/') ?? [];
    const known = { '.well-known/openid-configuration': () => document, 'protocol/openid-connect/certs': fetchKeys };
    const answer = Object.entries(known).find(([name]) => name === path)?.[1];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify((await answer?.()) ?? {}));
  });
  const fetchKeys = async () => (await fetch(jwksUri)).json();
  const issuer = `http://127.0.0.1:${await listen(server)}/realms/demo`;
  const good = { issuer, jwks_uri: jwksUri, id_token_signing_alg_values_supported: ['RS256', 'ES256'] };
  let document: object = good;
  return {
    issuer,
    describe: (change) => {
      document = { ...good, ...change };
    },
    stop: () => server.close(),
  };
}

/** Listens on a free port of the loopback. @returns the port */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  return (server.address() as AddressInfo).port;
}
