import { describe, expect, it } from 'vitest';
import { allow, DENIALS, deny, PUBLIC_ANSWERS } from '../../src/decision.ts';

const ROWS = Object.entries(DENIALS).map(([reason, row]) => ({ reason, ...row }));

describe('the public answers', () => {
  it('are the four of the contract, word for word', () => {
    expect(PUBLIC_ANSWERS).toStrictEqual({
      missing_authorization: 'Authorization header is missing',
      missing_api_key: 'API key is missing',
      invalid_api_key: 'Invalid or inactive API key',
      invalid_token: 'Invalid token payload',
    });
  });

  it('hold nothing that would have to be escaped where templates insert them raw', () => {
    for (const text of [...Object.keys(PUBLIC_ANSWERS), ...Object.values(PUBLIC_ANSWERS)]) {
      expect(text).toMatch(/^[A-Za-z_ ]+$/);
    }
  });
});

describe('every reason to refuse', () => {
  it.each(ROWS)('has a public answer that fits what was presented: $reason', ({ reason, error }) => {
    expect(PUBLIC_ANSWERS).toHaveProperty(error);
    if (reason.startsWith('api_key.')) expect(error).toBe('invalid_api_key');
    else if (reason.startsWith('token.')) expect(error).toBe('invalid_token');
    else expect(['credentials.missing', 'credentials.empty', 'credentials.conflict']).toContain(reason);
  });

  it('about the credentials as a whole has the answer of the contract', () => {
    expect(DENIALS['credentials.missing'].error).toBe('missing_authorization');
    expect(DENIALS['credentials.empty'].error).toBe('missing_api_key');
    expect(DENIALS['credentials.conflict'].error).toBe('invalid_api_key');
  });

  it.each(ROWS)('is logged as information or as a warning, never as an error: $reason', ({ level }) => {
    expect(['INFO', 'WARN']).toContain(level);
  });

  it.each(ROWS)('is a stable code of a family and a name: $reason', ({ reason }) => {
    expect(reason).toMatch(/^(credentials|api_key|token)\.[a-z]+(_[a-z]+)*$/);
  });
});

describe('a decision', () => {
  it('to refuse holds its reason', () => {
    expect(deny('token.expired')).toStrictEqual({ outcome: 'deny', reason: 'token.expired' });
  });

  it('to allow holds who is calling', () => {
    const principal = { userId: 'u', authMethod: 'bearer', validUntil: 1 } as const;
    expect(allow(principal)).toStrictEqual({ outcome: 'allow', principal });
  });
});
