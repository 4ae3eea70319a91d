import { listOfOne } from '../schemas.ts';
import { AUTHORIZER_VARIABLES } from './authorizer.ts';
import { MAX_TOKEN_LIFETIME } from './token-lifetime.ts';
import { ISSUER, TABLE, type Variables } from './variable.ts';

/** What the receiver of logouts reads. */
export const LOGOUT_VARIABLES = {
  GATEPASS_TABLE: TABLE,
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_JWKS_URI: AUTHORIZER_VARIABLES.GATEPASS_JWKS_URI,
  GATEPASS_JWKS_TIMEOUT_MS: AUTHORIZER_VARIABLES.GATEPASS_JWKS_TIMEOUT_MS,
  GATEPASS_LOGOUT_CLIENTS: {
    schema: listOfOne,
    example: 'my-web,my-cli',
    meaning: 'the clients whose logouts are heard of, comma-separated',
  },
  GATEPASS_MAX_TOKEN_LIFETIME: MAX_TOKEN_LIFETIME,
} as const satisfies Variables;
