import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';

const requestSchema = v.object({
  Key: v.optional(v.object({ pk: v.object({ S: v.string() }), sk: v.object({ S: v.string() }) })),
  Item: v.optional(v.looseObject({ pk: v.object({ S: v.string() }), sk: v.object({ S: v.string() }) })),
});

export interface CountingTable {
  readonly endpoint: string;
  /** How many requests there were, by operation. */
  readonly requests: Readonly<Record<string, number>>;
  stop(): void;
}

/**
 * What one recorder needs of DynamoDB, at the speed of the loopback: it keeps what is put, takes every update and holds
 * no condition against its one writer. For runs that count requests by the hundred thousand.
 */
export async function startCountingTable(): Promise<CountingTable> {
  const items = new Map<string, unknown>();
  const requests: Record<string, number> = {};
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    requests[operation] = (requests[operation] ?? 0) + 1;
    const { Key, Item } = v.parse(requestSchema, await json(request));
    const at = Item ?? Key;
    const name = `${at?.pk.S} ${at?.sk.S}`;
    if (operation === 'PutItem') items.set(name, Item);
    const found = operation === 'GetItem' ? items.get(name) : undefined;
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(found === undefined ? {} : { Item: found }));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
