import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_BYTES } from '../../../src/bearer/fetch-jwks.ts';
import { ASK_MS, type Asked, ask, readJson } from '../../../src/doctor/ask.ts';
import { createMovedClock } from '../../support/moved-clock.ts';

const URL = 'https://id.example.com/';

function failing(code: string, message = 'no'): () => Promise<never> {
  const cause = Object.assign(new Error(message), { code });
  return async () => {
    throw new TypeError('fetch failed', { cause });
  };
}

function failureOf(asked: Asked): string {
  return 'failure' in asked ? asked.failure : `answered ${asked.status}`;
}

describe('asking over HTTP', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('brings the answer, whatever its status, with when it was sent, came and ended', async () => {
    const clock = createMovedClock();
    const start = clock.now();
    const answer = await ask(
      URL,
      async () => {
        clock.advance(20);
        return new Response('{"a":1}', { status: 418, headers: { date: 'now' } });
      },
      clock.now,
    );
    expect(answer).toMatchObject({
      status: 418,
      bytes: 7,
      sentAt: start,
      answeredAt: start + 20,
      receivedAt: start + 20,
    });
    expect('failure' in answer || readJson(answer)).toEqual({ a: 1 });
  });

  it('follows no redirect', async () => {
    const fetch = vi.fn(async () => new Response('', { status: 302 }));
    await ask(URL, fetch, Date.now);
    expect(fetch).toHaveBeenCalledWith(URL, expect.objectContaining({ redirect: 'manual' }));
  });

  it('reads as much as the authorizer takes, and then stops', async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
      });
    const answer = await ask(URL, async () => new Response(endless()), Date.now);
    expect(answer).toMatchObject({ isTooLarge: true });
    expect(pulled).toBeLessThan(10);
    const whole = await ask(URL, async () => new Response('x'.repeat(MAX_BYTES)), Date.now);
    expect(whole).toMatchObject({ isTooLarge: false, bytes: MAX_BYTES });
  });

  it.each([
    ['ENOTFOUND', 'host name is not known'],
    ['ECONNREFUSED', 'nothing listens'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not signed by an authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS'],
    ['ERR_INVALID_URL', 'not a URL'],
  ])('says of %s what it means', async (code, failure) => {
    expect(failureOf(await ask(URL, failing(code), Date.now))).toContain(failure);
  });

  it('says of an unknown failure what its cause says', async () => {
    expect(failureOf(await ask(URL, failing('E_NEW', 'out of luck'), Date.now))).toContain('out of luck');
  });

  it('gives up after 3 s, whether or not the other side listens', async () => {
    vi.useFakeTimers();
    const clock = createMovedClock();
    let aborted = false;
    const asked = ask(
      URL,
      (_, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise(() => {});
      },
      clock.now,
    );
    await vi.advanceTimersByTimeAsync(ASK_MS - 1);
    expect(aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(failureOf(await asked)).toBe('no answer within 3 s');
    expect(aborted).toBe(true);
  });
});
