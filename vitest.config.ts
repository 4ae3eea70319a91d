import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,scenario,local,smoke,docs}/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    restoreMocks: true,
    pool: 'threads', // forked workers were seen to hang at their start, once in some thousand
    maxWorkers: 4, // many tests wait for a program or a moment, not for a processor
    // Some start programs, on machines that do other things too. No test has less.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/support/time-limit.ts'],
  },
});
