import { text } from '../text-schema.ts';
import type { Variables } from './variable.ts';

/** What commands alone read. */
export const COMMAND_VARIABLES = {
  GATEPASS_SYNC_CLIENT_SECRET: {
    schema: text(),
    isOptional: true,
    example: 'a secret of the realm',
    meaning: "the client's secret, for gatepass sync",
  },
} as const satisfies Variables;
