import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createApiKeyAuthenticator } from '../../../../src/authorizer/api-key/authenticate.ts';
import type { Trace } from '../../../../src/decision.ts';
import { examineKey } from '../../../../src/doctor/checks/api-key.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';

const PARTS = {
  store: { findApiKey: async () => ({ apiKey: undefined, account: undefined }), findImported: async () => undefined },
  now: () => 1_800_000_000_000,
  keyPrefix: 'gp',
  environment: 'live',
  importedPrefixes: ['legacy_'],
};

function keyOf(environment: string): string {
  return createApiKey({ prefix: 'gp', environment, keyId: createKeyId('user-42', randomBytes) }, randomBytes);
}

describe('what explain says of the form of a key', () => {
  it.each([
    ['a key of ours', keyOf('live')],
    ['of another environment', keyOf('test')],
    ['a mistyped one', `${keyOf('live').slice(0, -1)}_`],
    ["another system's", 'legacy_1'],
    ["another system's of 1,024 characters", 'legacy_'.padEnd(1024, 'a')],
    ["another system's of 1,025 characters", 'legacy_'.padEnd(1025, 'a')],
    ["another system's with a space", 'legacy_a b'],
    ["another system's with an umlaut", 'legacy_ä'],
    ['of no known prefix', 'other_1'],
  ])('agrees with the authorizer: %s', async (_, key) => {
    const trace: Trace = { deadline: PARTS.now() + 1000, tableRequests: 0 };
    const decision = await createApiKeyAuthenticator(PARTS)(key, trace);
    const isLookedUp = decision.outcome === 'deny' && decision.reason === 'api_key.unknown';
    const { 'key.form': form } = await examineKey(key, PARTS);
    expect(form.severity === 'ok').toBe(isLookedUp);
  });
});
