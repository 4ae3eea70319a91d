import { describe, expect, it, vi } from 'vitest';
import { createSession, SessionEnded, type Tokens } from '../../../src/self-service/page/session.ts';

const ENDS_AT = 1_000_000;

function tokens(accessToken: string, expiresAt: number): Tokens {
  return { accessToken, refreshToken: `refresh ${accessToken}`, idToken: `id ${accessToken}`, expiresAt };
}

function sessionAt(now: number, refresh = vi.fn(async () => tokens('second', ENDS_AT + 300_000))) {
  return { session: createSession(tokens('first', ENDS_AT), refresh, () => now), refresh };
}

describe('the access token of a session', () => {
  it('is the one at hand until 20 s before it ends', async () => {
    const { session, refresh } = sessionAt(ENDS_AT - 20_001);
    expect(await session.accessToken()).toBe('first');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is a new one from 20 s before it ends, and is asked for once by two who want it at once', async () => {
    const { session, refresh } = sessionAt(ENDS_AT - 20_000);
    expect(await Promise.all([session.accessToken(), session.accessToken()])).toStrictEqual(['second', 'second']);
    expect(refresh.mock.calls).toStrictEqual([[tokens('first', ENDS_AT)]]);
    expect(session.idToken()).toBe('id second');
  });

  it.each([new SessionEnded(), new TypeError('fetch failed')])(
    'is none while the realm gives none: %s',
    async (error) => {
      const refresh = vi.fn(async () => tokens('second', ENDS_AT + 300_000));
      refresh.mockRejectedValueOnce(error);
      const { session } = sessionAt(ENDS_AT, refresh);
      await expect(session.accessToken()).rejects.toBe(error);
      expect(await session.accessToken()).toBe('second');
    },
  );
});
