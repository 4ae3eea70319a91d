import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../src/keycloak/realm-problem.ts';

const ASKING = { clientId: 'gatepass-sync', realmName: 'main', baseUrl: 'https://id.example.com' };

describe('a realm that gives no answer', () => {
  it.each([
    ['ECONNREFUSED', /nothing listens there\./],
    ['CERT_HAS_EXPIRED', /its certificate has expired\./],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate is not signed.*NODE_EXTRA_CA_CERTS.*CaFile and LayerArn/],
    ['UNABLE_TO_GET_ISSUER_CERT', /certificate is not signed.*NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /certificate is not signed.*NODE_EXTRA_CA_CERTS/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /certificate is not signed.*NODE_EXTRA_CA_CERTS/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is not signed.*NODE_EXTRA_CA_CERTS/],
  ])('is told why, and what to do about it: %s', (code, message) => {
    const error = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) });
    expect(problemOf(error, 'users', ASKING)).toMatchObject({
      code: 'realm_unreachable',
      message: expect.stringMatching(message),
    });
  });

  it('in time is told with the limit', () => {
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(problemOf(timeout, 'users', ASKING).message).toContain('no answer within 10 s');
  });
});
