import { randomBytes as cryptoRandomBytes } from 'node:crypto';
import type { Clock } from '../decision.ts';
import { openTable, type Table } from '../table/table.ts';

/** What every function on users and keys works with. */
export interface TableAndClock {
  readonly table: Table;
  readonly now: Clock;
  /** The usage table: where there is one, deleting a user deletes what is known of the use of their keys. */
  readonly usage?: Table | undefined;
}

/** The same for those that make keys. */
export interface Admin extends TableAndClock {
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface AdminOptions {
  /** The table's name, or a client of your own with it. By its name it is reached as the AWS SDK's variables tell. */
  readonly table: string | Table;
  /** The same of the usage table. Not told: usage isn't recorded, or is to stay when users are deleted. */
  readonly usage?: string | Table | undefined;
  /** The time in epoch milliseconds: `Date.now` if not told. */
  readonly now?: Clock | undefined;
  /** Must be cryptographically strong: that of `node:crypto` if not told. */
  readonly randomBytes?: ((size: number) => Uint8Array) | undefined;
}

/** Opens a table of users and keys; the first argument of all that is done with them. */
export function openAdmin({ table, usage, now = Date.now, randomBytes = cryptoRandomBytes }: AdminOptions): Admin {
  return { table: opened(table), usage: usage === undefined ? undefined : opened(usage), now, randomBytes };
}

function opened(table: string | Table): Table {
  return typeof table === 'string' ? openTable(table) : table;
}
