import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/**
 * A new private RSA key, for signing.
 *
 * It goes through PEM, since a key straight from Node 20's generator can hang the thread for ever: exporting or using it
 * takes a lock that the generator shares, and takes once more if the generator is garbage-collected meanwhile.
 */
export function newRsaKey(bits = 2048): KeyObject {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return createPrivateKey(privateKey);
}
