import { describe, expect, it } from 'vitest';
import type { AuthorizerRequest } from '../../src/authorizer/gateway/event.ts';
import { renderResult } from '../../src/authorizer/gateway/policy.ts';
import { getCaller } from '../../src/caller/index.ts';
import type { Principal } from '../../src/decision.ts';
import { codeBlocks, readText, section, tableRows } from './markdown.ts';

const README = readText('README.md');

const REQUEST: AuthorizerRequest = {
  stageArn: 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod',
  method: 'GET',
  authorization: [],
  sourceIpKey: 'aws:SourceIp',
  sourceIp: undefined,
  requestId: undefined,
};

const ADA = {
  userId: 'user-42',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
  roles: ['editor', 'viewer'],
};
const KEY: Principal = {
  ...ADA,
  authMethod: 'api_key',
  apiKeyId: '0i5T1SDDFrAIMls9v5SOZmjYYqhA',
  environment: 'live',
};
const TOKEN: Principal = {
  ...ADA,
  authMethod: 'bearer',
  scope: 'openid profile email',
  clientId: 'demo-web',
  validUntil: 2_000_000_000,
};

function contextOf(principal: Principal): Record<string, unknown> {
  return renderResult({ outcome: 'allow', principal }, REQUEST).context ?? {};
}

describe('the README on the context', () => {
  const rows = tableRows(section(README, '## The context')).flatMap(({ key = '', ...row }) =>
    key.split(', ').map((name) => ({ name: name.replaceAll('`', ''), ...row })),
  );

  it('names every entry, and no other', () => {
    const limited: Principal = { ...KEY, scope: 'a', allowedNetworks: ['192.0.2.0/24'] };
    const names = new Set([...Object.keys(contextOf(limited)), ...Object.keys(contextOf(TOKEN))]);
    expect(rows.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it.each([
    ['for an API key', { ...KEY, scope: 'a' }],
    ['for a token', TOKEN],
  ] as const)('tells which entries there are %s', (column, principal) => {
    const context = contextOf(principal);
    const listed = rows.filter((row) => row[column as keyof typeof row] !== '–').map(({ name }) => name);
    const certain = listed.filter((name) => !name.startsWith('deny'));
    expect(certain.sort()).toEqual(
      Object.keys(context)
        .filter((name) => !name.startsWith('deny'))
        .sort(),
    );
  });

  it('shows what a backend gets for a key and for a token', () => {
    const [forKey, forToken] = codeBlocks(README, 'json').map((sample) => JSON.parse(sample));
    expect(forKey).toEqual(contextOf(KEY));
    expect(forToken).toEqual(contextOf(TOKEN));
  });

  it('shows contexts that getCaller reads', () => {
    const [forKey, forToken] = codeBlocks(README, 'json').map((sample) => JSON.parse(sample));
    for (const [authorizer, { userId, authMethod, roles }] of [
      [forKey, KEY],
      [forToken, TOKEN],
    ]) {
      expect(getCaller({ requestContext: { authorizer } })).toMatchObject({ userId, authMethod, roles });
    }
  });

  it('says rightly where getCaller is imported from', () => {
    expect(README).toContain('`gatepass/caller`');
    expect(JSON.parse(readText('package.json')).exports).toHaveProperty(['./caller']);
  });
});
