import { afterAll, expect, it, vi } from 'vitest';
import { createCheckout } from '../support/checkout.ts';

const checkout = createCheckout();
afterAll(checkout.remove);

it('npm start records who uses which key, from its own log, as the deployed recorder does', async () => {
  const before = Date.now() / 1000;
  const gateway = await checkout.startGateway();
  const usage = async () => {
    const { out } = await checkout.run('cli/index', 'usage', 'user-42', '--local', '--json', '--days', '2');
    return JSON.parse(out)[0];
  };
  const ask = (authorization: string) => fetch(`${gateway.base}/api/v1/whoami`, { headers: { authorization } });
  expect((await ask(gateway.key)).status).toBe(200);
  await vi.waitFor(async () => expect(await usage()).toMatchObject({ lastUsedFrom: '127.0.0.0/24' }), {
    timeout: 90_000,
    interval: 500,
  });
  const { lastUsedAt, days } = await usage();
  expect(lastUsedAt).toBeGreaterThanOrEqual(before - 60); // the beginning of its minute
  // Of today, or of yesterday if it was used just before midnight.
  expect(days.some(({ minutesUsed }: { minutesUsed: number }) => minutesUsed > 0)).toBe(true);
  expect(gateway.text()).not.toContain('usage');
});
