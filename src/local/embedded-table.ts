import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { createTable, isThere, openTable, type Table } from '../table/table.ts';
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
  const { table, endpoint } = connectTo(`http://127.0.0.1:${port}`);
  await createTable(table);
  return {
    table,
    endpoint,
    async stop() {
      table.client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The local table that is kept between commands, in `.gatepass/`. A process that has it open serves it to the others,
 * so that `gatepass --local` works while the local gateway runs.
 */
export async function startKeptTable(): Promise<EmbeddedTable> {
  const folder = keptFolder();
  const endpointFile = join(folder, 'table.endpoint');
  const served = await findServed(endpointFile);
  if (served !== undefined) return served;
  const opened = await startEmbeddedTable(join(folder, 'table'));
  writeFileSync(endpointFile, opened.endpoint);
  return {
    ...opened,
    async stop() {
      rmSync(endpointFile, { force: true });
      await opened.stop();
    },
  };
}

/** A file left behind by a killed process names a port where nothing, or something else, answers. */
async function findServed(endpointFile: string): Promise<EmbeddedTable | undefined> {
  if (!existsSync(endpointFile)) return undefined;
  const { table, endpoint } = connectTo(readFileSync(endpointFile, 'utf8'));
  if (await isThere(table)) return { table, endpoint, stop: async () => table.client.destroy() };
  table.client.destroy();
  return undefined;
}

function connectTo(endpoint: string): { table: Table; endpoint: string } {
  Object.assign(process.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const credentials = { accessKeyId: LOCAL_AWS.AWS_ACCESS_KEY_ID, secretAccessKey: LOCAL_AWS.AWS_SECRET_ACCESS_KEY };
  return { table: openTable(LOCAL_TABLE, { endpoint, region: LOCAL_AWS.AWS_REGION, credentials }), endpoint };
}
