import { describe, expect, it } from 'vitest';
import { type ApiKey, keyStateAt } from '../../../src/accounts/api-key.ts';

const NOW = 1_800_000_000;
const KEY: ApiKey = { keyId: '0i5T1SDDFrAIMls9v001IYT0XLWR', userId: 'ada', active: true };

describe('a key', () => {
  it.each<[string, Partial<ApiKey>]>([
    ['active', {}],
    ['active', { deleted: false, expiresAt: NOW + 1, replacedUntil: NOW }],
    ['in_grace', { replacedUntil: NOW + 1 }],
    ['in_grace', { replacedUntil: NOW + 2, expiresAt: NOW + 1 }],
    ['expired', { expiresAt: NOW, replacedUntil: NOW + 1 }],
    ['disabled', { active: false, expiresAt: NOW }],
    ['disabled', { active: undefined }],
    ['deleted', { deleted: true, active: false }],
  ])('is %s with %j', (state, attributes) => {
    expect(keyStateAt({ ...KEY, ...attributes }, NOW)).toBe(state);
  });
});
