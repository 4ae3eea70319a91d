import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/no-network.ts', 'test/support/undo-stubs.ts'],
    isolate: false, // what test files import is loaded once a thread: half of their time
    restoreMocks: true,
    pool: 'threads', // forked workers were seen to hang at their start, once in some thousand
    maxWorkers: 4, // many tests wait for a program or a moment, not for a processor
    // Some start programs, on machines that do other things too. No test has less.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/support/time-limit.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
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
