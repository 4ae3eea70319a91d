import { defineConfig } from 'vitest/config';

/** The templates and examples, and broken copies of them: run by `npm run check:infra`, which installs what they need. */
export default defineConfig({
  test: {
    name: 'infra',
    include: ['test/infra/**/*.test.ts'],
    maxWorkers: 2, // each file waits for a Python of its own
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
