import { once } from 'node:events';

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { createTable, type Table } from '../../src/admin/table.ts';
import { keptFolder } from './kept-folder.ts';

export const LOCAL_TABLE = 'gatepass-local';

/** What the AWS SDK wants to be set; the embedded table takes any. */
export const LOCAL_AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // On Node 20 the SDK would tell of its plans for 2027 at each start.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
} as const;

export interface EmbeddedTable {
  readonly table: Table;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts a table that needs nothing but Node: dynalite, on a free port of the loopback.
 *
 * @param path a folder to keep it in; without one it is gone with the process.
 */
export async function startEmbeddedTable(path?: string): Promise<EmbeddedTable> {
  const options = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const server = dynalite(path === undefined ? options : { ...options, path });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: LOCAL_AWS.AWS_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const document = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const table = { client: document, name: LOCAL_TABLE };
  await createTable(table).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  return {
    table,
    endpoint,
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The local table that is kept between commands, in `.gatepass/`. */
export function startKeptTable(): Promise<EmbeddedTable> {
  return startEmbeddedTable(join(keptFolder(), 'table'));
}
