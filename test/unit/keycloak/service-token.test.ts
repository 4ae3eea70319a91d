import { describe, expect, it } from 'vitest';
import { createServiceToken } from '../../../src/keycloak/service-token.ts';
import { createMovedClock, SECOND } from '../../support/moved-clock.ts';

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

describe("the service account's token", () => {
  it.each([
    [300, 290],
    [60, 50],
    [20, 10],
    [4, 2],
  ])('that lives for %i s is used for %i s and not longer, whatever the realm says the time is', async (life, used) => {
    const clock = createMovedClock();
    let asked = 0;
    const token = createServiceToken(async () => jwt({ iat: 1000, exp: 1000 + life, n: ++asked }), clock.now);
    const first = await token.current();
    clock.advance(used * SECOND - 1);
    expect(await token.current()).toBe(first);
    clock.advance(1);
    expect(await token.current()).not.toBe(first);
    expect(asked).toBe(2);
  });

  it('is asked for once by those who need it at once', async () => {
    let asked = 0;
    const token = createServiceToken(async () => jwt({ n: ++asked }), createMovedClock().now);
    expect(new Set(await Promise.all([token.current(), token.current(), token.current()])).size).toBe(1);
    expect(asked).toBe(1);
  });

  it('is asked for again after a failure, and after it was forgotten', async () => {
    const answers = [new Error('no'), jwt({ n: 1 }), jwt({ n: 2 })];
    const token = createServiceToken(async () => {
      const answer = answers.shift();
      if (typeof answer === 'string') return answer;
      throw answer;
    }, createMovedClock().now);
    await expect(token.current()).rejects.toThrow('no');
    const second = await token.current();
    token.forget();
    expect(await token.current()).not.toBe(second);
  });

  it('that says nothing of its life is used for less than a minute', async () => {
    const clock = createMovedClock();
    let asked = 0;
    const token = createServiceToken(async () => `opaque-${++asked}`, clock.now);
    await token.current();
    clock.advance(50 * SECOND);
    expect(await token.current()).toBe('opaque-2');
  });
});
