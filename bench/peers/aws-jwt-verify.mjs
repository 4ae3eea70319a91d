// As https://github.com/awslabs/aws-jwt-verify#verifying-jwts-from-any-oidc-compatible-idp says. Tokens alone.
import { JwtVerifier } from 'aws-jwt-verify';
import { AUDIENCE, contextOf, handlerOf, ISSUER, TOLERANCE } from './plain.mjs';

const verifier = JwtVerifier.create({
  issuer: ISSUER,
  audience: AUDIENCE,
  jwksUri: process.env['JWKS_URI'],
  graceSeconds: TOLERANCE,
});

export const handler = handlerOf(async (credential) => contextOf(await verifier.verify(credential)));
