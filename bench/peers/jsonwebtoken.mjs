// The common way: as https://github.com/auth0/node-jwks-rsa#usage and https://github.com/auth0/node-jsonwebtoken say;
// keys by the AWS SDK.
import jwt from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';
import { AUDIENCE, contextOf, handlerOf, ISSUER, TOLERANCE } from './plain.mjs';
import { authenticateKey } from './plain-keys.mjs';

const client = jwksClient({ jwksUri: process.env['JWKS_URI'] ?? '', cache: true, rateLimit: true });
const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'], clockTolerance: TOLERANCE };

const getKey = (header, callback) =>
  client.getSigningKey(header.kid, (error, key) => callback(error, key?.getPublicKey()));

const verify = (token) =>
  new Promise((resolve, reject) => {
    jwt.verify(token, getKey, options, (error, claims) => (error ? reject(error) : resolve(claims)));
  });

export const handler = handlerOf(async (credential, kind) => {
  if (kind === 'key') return authenticateKey(credential);
  return contextOf(await verify(credential));
});
