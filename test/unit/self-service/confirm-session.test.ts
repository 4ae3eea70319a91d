import { describe, expect, it, vi } from 'vitest';
import { createConfirmSession } from '../../../src/self-service/confirm-session.ts';

const URI = 'https://id.example.com/realms/main/protocol/openid-connect/userinfo';

function confirm(answer: () => Promise<Response>) {
  const fetchUserinfo = vi.fn<typeof fetch>(answer);
  return { confirmed: createConfirmSession(URI, fetchUserinfo)('a.token.of', 'user-42'), fetchUserinfo };
}

const answering = (body: string, status = 200) => confirm(async () => new Response(body, { status })).confirmed;

describe('a session', () => {
  it("is confirmed by the realm's userinfo endpoint, with the caller's own token, without following a redirect", async () => {
    const { confirmed, fetchUserinfo } = confirm(async () => Response.json({ sub: 'user-42' }));
    await confirmed;
    const [[uri, init] = []] = fetchUserinfo.mock.calls;
    expect(uri).toBe(URI);
    expect(new Headers(init?.headers).get('authorization')).toBe('Bearer a.token.of');
    expect(init?.redirect).toBe('error');
  });

  it('has ended when the realm refuses the token, or names another user', async () => {
    for (const status of [401, 403])
      await expect(answering('', status)).rejects.toMatchObject({ code: 'session_ended' });
    await expect(answering('{"sub":"user-43"}')).rejects.toMatchObject({ code: 'session_ended' });
  });

  it.each([
    ['another status', '', 500],
    ['a redirect', '', 302],
    ['what is not JSON', '<html>', 200],
    ['no sub', '{}', 200],
    ['a sub that is no text', '{"sub":42}', 200],
    ['null', 'null', 200],
  ])('is not told of by %s: nothing can be done then', async (_, body, status) => {
    await expect(answering(body, status)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not told of when there is no answer, of which the cause is kept', async () => {
    const cause = new TypeError('fetch failed');
    const { confirmed } = confirm(() => Promise.reject(cause));
    await expect(confirmed).rejects.toMatchObject({ code: 'unavailable', cause });
  });

  it('is not told of by a realm that takes longer than 2 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    const { confirmed, fetchUserinfo } = confirm(async () => Response.json({ sub: 'user-42' }));
    await confirmed;
    expect(timeout.mock.calls).toStrictEqual([[2000]]);
    expect(fetchUserinfo.mock.calls[0]?.[1]?.signal).toBe(timeout.mock.results[0]?.value);
    timeout.mockRestore();
  });
});
