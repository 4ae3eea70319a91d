import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { createTable, type OpenedTable, openTable } from '../table/table.ts';

export const LOCAL_TABLE = 'gatepass-local';
export const LOCAL_USAGE_TABLE = 'gatepass-local-usage';

/** What the AWS SDK wants to be set; the embedded table takes any. */
export const LOCAL_AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // On Node 20 the SDK would tell of its plans for 2027 at each start.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
} as const;

export interface EmbeddedTable {
  readonly table: OpenedTable;
  /** The usage table, by the same client. */
  readonly usageTable: OpenedTable;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts the tables in what needs nothing but Node: dynalite, on a free port of the loopback.
 *
 * @param path a folder to keep it in; without one it is gone with the process.
 */
export async function startEmbeddedTable(path?: string): Promise<EmbeddedTable> {
  const options = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const server = dynalite(path === undefined ? options : { ...options, path });
  server.keepAliveTimeout = 0; // a connection that is closed just as a request is sent on it costs the client a retry
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const { table, usageTable, endpoint } = connectTo(`http://127.0.0.1:${port}`);
  await createTable(table);
  await createTable(usageTable);
  return {
    table,
    usageTable,
    endpoint,
    async stop() {
      table.client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Opens the local tables at an endpoint. */
export function connectTo(endpoint: string): Omit<EmbeddedTable, 'stop'> {
  Object.assign(process.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const credentials = { accessKeyId: LOCAL_AWS.AWS_ACCESS_KEY_ID, secretAccessKey: LOCAL_AWS.AWS_SECRET_ACCESS_KEY };
  const table = openTable(LOCAL_TABLE, { endpoint, region: LOCAL_AWS.AWS_REGION, credentials });
  return { table, usageTable: { ...table, name: LOCAL_USAGE_TABLE }, endpoint };
}
