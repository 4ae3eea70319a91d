import * as v from 'valibot';
import { secondsBetween } from '../schemas.ts';

/** What more than one function reads, but not the authorizer. */
export const MAX_TOKEN_LIFETIME = {
  schema: v.optional(secondsBetween(60, 31_536_000), '43200'),
  example: '3600',
  meaning: 'how long an access token of the realm lives at most, in seconds',
  option: '--max-token-lifetime <seconds>',
} as const;
