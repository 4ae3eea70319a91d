import { describe, expect, it } from 'vitest';
import { createDecisionLog } from '../../src/authorizer/observe/decision-log.ts';
import { DENIALS } from '../../src/decision.ts';
import { Fault } from '../../src/fault.ts';
import { codeBlocks, readText, section, tableRows } from './markdown.ts';

const PAGE = readText('docs/log.md');
const ENDED_AT = Date.parse('2026-11-24T06:45:11.734Z');
const SUBJECT = {
  sourceIp: '192.0.2.10',
  requestId: '4f6c1a52-7f0d-4d53-9a44-6b9a2f1e0c11',
  stageArn: 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod',
};

function logged(write: (log: ReturnType<typeof createDecisionLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(
    createDecisionLog(
      (line) => lines.push(line),
      () => ENDED_AT,
    ),
  );
  return JSON.parse(lines.join(''));
}

describe('docs/log.md', () => {
  const trace = { deadline: 0, tableRequests: 1 };

  it('shows a line as the code writes it', () => {
    const written = logged((log) =>
      log.decided(
        { outcome: 'deny', reason: 'api_key.expired' },
        SUBJECT,
        {
          ...trace,
          authMethod: 'api_key',
          userId: 'user-42',
          apiKeyId: '0i5T1SDDFrAIMls9vDy4exE8ovSD',
          secret: 'current',
        },
        ENDED_AT - 18,
      ),
    );
    const [sample = ''] = codeBlocks(PAGE, 'json');
    expect(JSON.parse(sample)).toEqual(written);
    expect(Object.keys(JSON.parse(sample))).toEqual(Object.keys(written));
  });

  it('explains every field with its type, and no other', () => {
    const ofKey = { authMethod: 'api_key', apiKeyId: 'k', secret: 'replaced', secretSince: 0, secretUntil: 1 } as const;
    const full = { ...trace, ...ofKey, userId: 'u', kid: 'i', tokenLength: 1 };
    const principal = { authMethod: 'api_key', apiKeyId: 'k', userId: 'u', environment: 'live' } as const;
    const outside = { ...principal, allowedNetworks: ['198.51.100.0/24'] };
    const allowed = logged((log) => log.decided({ outcome: 'allow', principal: outside }, SUBJECT, full, ENDED_AT));
    const { fault } = logged((log) => log.failed(new Fault('fault.table', 'x'), SUBJECT, full, ENDED_AT));
    const { _aws, ...fields } = allowed;
    const written = Object.entries({ ...fields, fault, _aws }).map(([field, value]) => [field, typeof value]);
    const documented = tableRows(section(PAGE, '## Fields')).flatMap(({ field = '', type }) =>
      field.split(', ').map((one) => [one.replaceAll('`', ''), type]),
    );
    expect(documented).toEqual(written);
  });

  it('says rightly which fields are always there', () => {
    const bare = logged((log) =>
      log.decided({ outcome: 'preflight' }, { sourceIp: undefined, requestId: undefined }, trace, ENDED_AT),
    );
    const always = tableRows(section(PAGE, '## Fields')).filter((row) => row['absent when'] === 'never');
    expect(always.map(({ field }) => field)).toEqual(Object.keys(bare));
  });

  it('counts the custom metrics that there can be', () => {
    const [, text = '', reasons = '', total = ''] =
      /2 × \((4 outcomes \+ 9 pairs) \+ (\d+) reasons\) = (\d+)/.exec(PAGE) ?? [];
    const faults = tableRows(section(readText('docs/reasons.md'), '## Faults')).length;
    expect(text).not.toBe('');
    expect(Number(reasons)).toBe(Object.keys(DENIALS).length + faults + 3);
    expect(Number(total)).toBe(2 * (4 + 9 + Number(reasons)));
  });
});
