import { defineConfig } from 'vitest/config';

/** The built bundle and command-line tool against a real Keycloak and DynamoDB Local. */
export default defineConfig({
  test: {
    name: 'e2e',
    // The pages' longer walks too: they start dozens of programs, which the quick tests have no time for.
    include: ['test/{e2e,docs}/**/*.e2e.test.ts'],
    globalSetup: 'test/e2e/support/global-setup.ts',
    // The AWS SDK's word on Node 20, once a test file.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
