import { defineConfig } from 'vitest/config';

/** Pages of other origins, in a real browser, against the local gateway. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    globalSetup: 'test/browser/support/global-setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
