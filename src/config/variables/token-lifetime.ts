import { secondsBetween } from '../schemas.ts';

/** How long an access token of the realm lives at most, in seconds, if not told. */
export const MAX_TOKEN_LIFETIME_SECONDS = 43_200;

/** What more than one function reads, but not the authorizer. */
export const MAX_TOKEN_LIFETIME = {
  schema: secondsBetween(60, 31_536_000),
  default: String(MAX_TOKEN_LIFETIME_SECONDS),
  example: '3600',
  meaning: 'how long an access token of the realm lives at most, in seconds',
} as const;
