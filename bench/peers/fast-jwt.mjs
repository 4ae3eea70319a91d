// As https://github.com/nearform/fast-jwt#createverifier and https://github.com/nearform/get-jwks say. Tokens alone.
import { createVerifier } from 'fast-jwt';
import buildGetJwks from 'get-jwks';
import { AUDIENCE, contextOf, handlerOf, ISSUER, TOLERANCE } from './plain.mjs';

const jwksUri = new URL(process.env['JWKS_URI'] ?? '');
const getJwks = buildGetJwks({ issuersWhitelist: [jwksUri.origin], jwksPath: jwksUri.pathname, ttl: 600_000 });

const verify = createVerifier({
  key: ({ header }) => getJwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: jwksUri.origin }),
  algorithms: ['RS256'],
  allowedIss: ISSUER,
  allowedAud: AUDIENCE,
  clockTolerance: TOLERANCE * 1000,
});

export const handler = handlerOf(async (credential) => contextOf(await verify(credential)));
