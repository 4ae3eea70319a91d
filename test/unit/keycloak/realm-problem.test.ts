import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/keycloak/realm-problem.ts';

const ASKING = { clientId: 'gatepass-sync', realmName: 'main', baseUrl: 'https://id.example.com' };

describe('a realm that gives no answer', () => {
  it.each([
    ['ECONNREFUSED', /nothing listens there\./],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate is not signed.*NODE_EXTRA_CA_CERTS.*CaFile and LayerArn/],
  ])('is told why, and what to do about it: %s', (code, message) => {
    const error = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) });
    expect(explain(error, 'users', ASKING)).toMatchObject({
      code: 'realm_unreachable',
      message: expect.stringMatching(message),
    });
  });
});
