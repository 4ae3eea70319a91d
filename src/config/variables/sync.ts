import { secureUrl } from '../schemas.ts';
import { matches, schema, text } from '../text-schema.ts';
import { MAX_TOKEN_LIFETIME } from './token-lifetime.ts';
import { USAGE_TABLE } from './usage.ts';
import { ACCOUNT_CHECK, ISSUER, TABLE, type Variables } from './variable.ts';

/** A base URL, to which paths are added. */
const baseUrl = text(...secureUrl.rules, [(url) => !/[?#]/.test(url), 'must have no query and no fragment']);

/** Keycloak forbids nothing but emptiness; a control character is a slip in copying. */
const clientId = text(matches(/^\P{Cc}+$/u, 'must be the id of a client of the realm'));

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html: Name; an ARN adds colons. */
const secretName = text(matches(/^[\w/+=.@:-]{1,2048}$/, 'must be the name or the ARN of a secret in Secrets Manager'));

/** A decimal number, since the number of an empty text would be 0. */
const days = schema(Number, matches(/^[1-9]\d{0,3}$/, 'must be a number of days from 1 to 9999'));

/** What the sync function reads. */
export const SYNC_VARIABLES = {
  GATEPASS_TABLE: TABLE,
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_SYNC_ADMIN_URL: {
    schema: baseUrl,
    isOptional: true,
    example: 'https://keycloak.internal',
    meaning: "where the Admin API is reached, if not at the issuer's server",
  },
  GATEPASS_SYNC_CLIENT_ID: {
    schema: clientId,
    default: 'gatepass-sync',
    example: 'gatepass-sync',
    meaning: 'the client whose service account asks the realm',
  },
  GATEPASS_SYNC_SECRET: {
    schema: secretName,
    example: 'gatepass/sync-client-secret',
    meaning: "the secret in Secrets Manager that holds that client's secret",
  },
  GATEPASS_SYNC_GONE_DAYS: {
    schema: days,
    default: '30',
    example: '30',
    meaning: 'after how many days the disabled account of a user who is gone is deleted for good',
  },
  GATEPASS_USAGE_TABLE: USAGE_TABLE,
  GATEPASS_MAX_TOKEN_LIFETIME: MAX_TOKEN_LIFETIME,
  GATEPASS_ACCOUNT_CHECK: ACCOUNT_CHECK,
} as const satisfies Variables;
