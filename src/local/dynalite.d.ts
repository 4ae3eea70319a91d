declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    /** A folder for its LevelDB; in memory without one. */
    path?: string;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}
