import { afterAll, vi } from 'vitest';

// Vitest's setup file: test files that share a thread leave each other no variable, global or clock of their own.

afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
