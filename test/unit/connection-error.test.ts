import { describe, expect, it } from 'vitest';
import { readConnectionError } from '../../src/connection-error.ts';

function failing(code: string, message = 'no'): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}

describe('why nothing answered', () => {
  it.each([
    ['ENOTFOUND', 'host name is not known'],
    ['ECONNREFUSED', 'nothing listens'],
    ['ETIMEDOUT', 'no answer in time'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not signed by an authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS'],
    ['ERR_INVALID_URL', 'not a URL'],
  ])('is said of %s, wherever among the causes it is', (code, found) => {
    expect(readConnectionError(failing(code)).found).toContain(found);
  });

  it('is said of a time limit, which has no code but a name', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(readConnectionError(error).found).toBe('no answer in time');
  });

  it('is, of an unknown failure, what its cause says', () => {
    expect(readConnectionError(failing('E_NEW', 'out of luck')).found).toContain('out of luck');
  });

  it('names what a private authority needs, here and in the function', () => {
    const { remedy } = readConnectionError(failing('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
    expect(remedy).toMatch(/NODE_EXTRA_CA_CERTS.*CaFile.*LayerArn/);
  });
});
