import { entriesOf, listOfOne, secureUrl } from '../schemas.ts';
import { matches, schema, text } from '../text-schema.ts';
import { AUTHORIZER_VARIABLES } from './authorizer.ts';
import { USAGE_TABLE } from './usage.ts';
import { ISSUER, TABLE, type Variables } from './variable.ts';

/** `value=label` pairs, comma-separated: what a key may be for, and how the page names it. */
const keyScopes = schema(
  (pairs) =>
    entriesOf(pairs).map((pair) => {
      const [value = '', label = ''] = pair.split('=');
      return { value, label: label.trim() };
    }),
  [(pairs) => entriesOf(pairs).every((pair) => SCOPE.test(pair)), 'has an entry that is not value=Label'],
);

/** RFC 6749, section 3.3: what a scope's word may consist of, less the comma that separates the pairs. */
const SCOPE = /^[\x21\x23-\x2b\x2d-\x3c\x3e-\x5b\x5d-\x7e]+=[^=]+$/;

const wholeDays = schema(Number, matches(/^[1-9]\d{0,3}$/, 'must be a whole number of days from 1 to 9999'));

const roleName = text(matches(/^\P{Cc}+$/u, 'must be the name of a realm role'));

/** What the self-service function reads. */
export const SELF_SERVICE_VARIABLES = {
  GATEPASS_TABLE: TABLE,
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_KEY_PREFIX: AUTHORIZER_VARIABLES.GATEPASS_KEY_PREFIX,
  GATEPASS_ENVIRONMENT: AUTHORIZER_VARIABLES.GATEPASS_ENVIRONMENT,
  GATEPASS_SELF_SERVICE_CLIENT_IDS: {
    schema: listOfOne,
    example: 'gatepass-keys-page',
    meaning: "the clients whose tokens may manage keys, comma-separated; the first is the page's",
  },
  GATEPASS_SELF_SERVICE_ROLE: {
    schema: roleName,
    isOptional: true,
    example: 'developer',
    meaning: 'the realm role that a user needs to manage keys; without it everybody may',
  },
  GATEPASS_KEY_SCOPES: {
    schema: keyScopes,
    isOptional: true,
    example: 'reports:read=Read reports,reports:write=Write reports',
    meaning: 'what keys may be for: a new key then needs at least one of them',
  },
  GATEPASS_KEY_MAX_DAYS: {
    schema: wholeDays,
    default: '365',
    example: '90',
    meaning: 'the longest life of a key in days, and the life of one that is made without an expiry',
  },
  GATEPASS_USAGE_TABLE: USAGE_TABLE,
  GATEPASS_USERINFO_URI: {
    schema: secureUrl,
    isOptional: true,
    example: 'https://keycloak.internal/realms/main/protocol/openid-connect/userinfo',
    meaning: "where the function reaches the realm's userinfo endpoint",
  },
  GATEPASS_EXAMPLE_URL: {
    schema: secureUrl,
    isOptional: true,
    example: 'https://api.example.com/v1/whoami',
    meaning: 'what the curl line beside a new key calls',
  },
} as const satisfies Variables;
