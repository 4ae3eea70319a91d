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
  },
  GATEPASS_CLIENTS: {
    schema: schemas.listOrAny,
    default: '*',
    example: 'my-web,my-cli',
    meaning: 'allowed azp values, comma-separated',
  },
  GATEPASS_JWKS_URI: {
    schema: schemas.secureUrl,
    isOptional: true,
    example: 'https://keycloak.internal/realms/main/protocol/openid-connect/certs',
    meaning: "where the function reaches the realm's keys",
  },
  GATEPASS_JWKS_TIMEOUT_MS: {
    schema: schemas.millisecondsBetween(500, 4000),
    default: '2000',
    example: '3000',
    meaning: "how long one fetch of the realm's keys may take, in milliseconds",
  },
  GATEPASS_KEY_PREFIX: {
    schema: schemas.keyPrefix,
    default: 'gp',
    example: 'gp',
    meaning: 'how keys start',
  },
  GATEPASS_ENVIRONMENT: {
    schema: schemas.environment,
    default: 'live',
    example: 'live',
    meaning: 'only keys of this environment are accepted',
  },
  GATEPASS_IMPORTED_PREFIXES: {
    schema: schemas.listOrAny,
    isOptional: true,
    example: 'sk_,ch_',
    meaning: 'how keys made by another system start, or * for any',
  },
  GATEPASS_ACCOUNT_CHECK: ACCOUNT_CHECK,
  GATEPASS_POLICY_CONDITIONS: {
    schema: schemas.onOrOff,
    default: 'on',
    example: 'off',
    meaning: 'off: policies without conditions, for a platform that does not evaluate them',
  },
  GATEPASS_TABLE_AT_START: {
    schema: schemas.onOrOff,
    default: 'on',
    example: 'off',
    meaning: 'off: the function does not read the table while it starts, where callers have tokens alone',
  },
} as const satisfies Variables;
