// As https://github.com/panva/jose/blob/main/docs/jwks/remote/functions/createRemoteJWKSet.md says; keys by the AWS SDK.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { AUDIENCE, contextOf, handlerOf, ISSUER, TOLERANCE } from './plain.mjs';
import { authenticateKey } from './plain-keys.mjs';

const keys = createRemoteJWKSet(new URL(process.env['JWKS_URI'] ?? ''));
const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'], clockTolerance: TOLERANCE };

export const handler = handlerOf(async (credential, kind) => {
  if (kind === 'key') return authenticateKey(credential);
  const { payload } = await jwtVerify(credential, keys, options);
  return contextOf(payload);
});
