import { defineConfig } from 'vitest/config';

/** The template and the recipes, deployed on an emulator of AWS that enforces roles. */
export default defineConfig({
  test: {
    name: 'deploy',
    include: ['test/deploy/**/*.deploy.test.ts'],
    globalSetup: 'test/deploy/support/global-setup.ts',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
