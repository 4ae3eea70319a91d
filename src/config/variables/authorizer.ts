import * as v from 'valibot';
import * as schemas from '../schemas.ts';
import { ACCOUNT_CHECK, ISSUER, TABLE, type Variables } from './variable.ts';

/** What the authorizer reads. */
export const AUTHORIZER_VARIABLES = {
  GATEPASS_TABLE: TABLE,
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: {
    schema: schemas.listOrAny,
    example: 'my-api',
    meaning: 'allowed aud values, comma-separated, or * for any',
    option: '--audience <values>',
  },
  GATEPASS_CLIENTS: {
    schema: v.optional(schemas.listOrAny, '*'),
    example: 'my-web,my-cli',
    meaning: 'allowed azp values, comma-separated',
    option: '--clients <values>',
  },
  GATEPASS_JWKS_URI: {
    schema: v.optional(schemas.secureUrl),
    example: 'https://keycloak.internal/realms/main/protocol/openid-connect/certs',
    meaning: "where the function reaches the realm's keys",
    option: '--jwks-uri <url>',
  },
  GATEPASS_JWKS_TIMEOUT_MS: {
    schema: v.optional(schemas.millisecondsBetween(500, 4000), '2000'),
    example: '3000',
    meaning: "how long one fetch of the realm's keys may take, in milliseconds",
    option: '--jwks-timeout <ms>',
  },
  GATEPASS_KEY_PREFIX: {
    schema: v.optional(schemas.keyPrefix, 'gp'),
    example: 'gp',
    meaning: 'how keys start',
    option: '--prefix <prefix>',
  },
  GATEPASS_ENVIRONMENT: {
    schema: v.optional(schemas.environment, 'live'),
    example: 'live',
    meaning: 'only keys of this environment are accepted',
    option: '--environment <name>',
  },
  GATEPASS_IMPORTED_PREFIXES: {
    schema: v.optional(schemas.listOrAny),
    example: 'sk_,ch_',
    meaning: 'how keys made by another system start, or * for any',
    option: '--imported-prefixes <list>',
  },
  GATEPASS_ACCOUNT_CHECK: ACCOUNT_CHECK,
  GATEPASS_POLICY_CONDITIONS: {
    schema: v.optional(schemas.onOrOff, 'on'),
    example: 'off',
    meaning: 'off: policies without conditions, for a platform that does not evaluate them',
    option: '--policy-conditions <on|off>',
  },
  GATEPASS_TABLE_AT_START: {
    schema: v.optional(schemas.onOrOff, 'on'),
    example: 'off',
    meaning: 'off: the function does not read the table while it starts, where callers have tokens alone',
    option: '--table-at-start <on|off>',
  },
} as const satisfies Variables;
