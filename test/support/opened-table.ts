import { afterAll } from 'vitest';
import { LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { type OpenedTable, openTable } from '../../src/table/table.ts';

/** The embedded table that `useGatepass` starts, as a tool opens it: with the first request, until the file's end. */
export function useOpenedTable(): OpenedTable {
  let opened: OpenedTable | undefined;
  afterAll(() => opened?.client.destroy());
  return {
    name: LOCAL_TABLE,
    get client() {
      opened ??= openTable(LOCAL_TABLE);
      return opened.client;
    },
  };
}
