import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/no-network.ts'],
    restoreMocks: true,
    pool: 'threads', // forked workers were seen to hang at their start, once in some thousand
    maxWorkers: 4, // many tests wait for a program or a moment, not for a processor
    // Some start programs, on machines that do other things too. No test has less.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/support/time-limit.ts'],
    projects: [
      // They keep nothing outside of themselves, so they may share what they import: half of their time.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: {
          name: 'scenario',
          include: ['test/{scenario,local,smoke,docs}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.e2e.test.ts'],
        },
      },
    ],
  },
});
