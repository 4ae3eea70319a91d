import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Trace } from '../../../src/decision.ts';
import { createLazyStore } from '../../../src/table/lazy-store.ts';
import type { Store } from '../../../src/table/store.ts';

const NOW_MS = 1_795_508_130_000;

/** Tells what it was asked. */
const LOADED: Store = {
  findApiKey: async (keyId) => ({ apiKey: { userId: keyId }, account: undefined }),
  findImported: async (hash) => ({ keyId: hash }),
  findAccount: async (userId) => ({ userId }),
  findTokenState: async ({ userId }) => ({ account: { userId }, notBefore: undefined }),
  findKeySet: async (issuer) => ({ jwks: issuer, fetchedAt: 0 }),
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

function traceOf(milliseconds: number): Trace {
  return { deadline: Date.now() + milliseconds, tableRequests: 0 };
}

it('loads with the first read, and then asks what was loaded', async () => {
  const load = vi.fn(async () => LOADED);
  const store = createLazyStore(load, Date.now);
  expect(load).not.toHaveBeenCalled();
  const trace = traceOf(5000);
  expect(await store.findApiKey('key-1', trace)).toMatchObject({ apiKey: { userId: 'key-1' } });
  expect(await store.findImported('hash-1', trace)).toEqual({ keyId: 'hash-1' });
  expect(await store.findAccount('user-1', trace)).toEqual({ userId: 'user-1' });
  const token = { issuer: 'realm-1', userId: 'user-2', sessionId: undefined };
  expect(await store.findTokenState(token, trace)).toMatchObject({ account: { userId: 'user-2' } });
  expect(await store.findKeySet('realm-2', trace)).toMatchObject({ jwks: 'realm-2' });
  expect(load).toHaveBeenCalledOnce();
});

it('fails the read that could not load, keeping the cause, and loads with the next', async () => {
  const missing = Object.assign(new Error('no such file'), { code: 'ERR_MODULE_NOT_FOUND' });
  const load = vi.fn<() => Promise<Store>>().mockRejectedValueOnce(missing).mockResolvedValue(LOADED);
  const store = createLazyStore(load, Date.now);
  const trace = traceOf(5000);
  await expect(store.findAccount('user-1', trace)).rejects.toMatchObject({ reason: 'fault.table', cause: missing });
  expect(trace.tableRequests).toBe(0);
  expect(await store.findAccount('user-1', trace)).toEqual({ userId: 'user-1' });
});

it('fails a read at its deadline, and not before, when loading does not end', async () => {
  const store = createLazyStore(() => new Promise(() => undefined), Date.now);
  const failed = vi.fn();
  store.findAccount('user-1', traceOf(5000)).catch(failed);
  await vi.advanceTimersByTimeAsync(4999);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ reason: 'fault.deadline' }));
});
