import * as v from 'valibot';
import type { Variables } from './variable.ts';

/** What commands alone read. */
export const COMMAND_VARIABLES = {
  GATEPASS_SYNC_CLIENT_SECRET: {
    schema: v.optional(v.string()),
    example: 'a secret of the realm',
    meaning: "the client's secret, for gatepass sync",
  },
} as const satisfies Variables;
