import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../src/keycloak/sync-error.ts';
import type { PassResult } from '../../../src/sync/pass.ts';
import { failedLine, passedLine } from '../../../src/sync/pass-log.ts';

const RESULT: PassResult = {
  pass: 'quick',
  dryRun: false,
  lookedUp: 3,
  changes: [
    { userId: 'ada', action: 'disable', because: 'gone', differs: [] },
    { userId: 'bob', action: 'enable', differs: [] },
    { userId: 'cal', action: 'update', differs: ['email'] },
  ],
  waiting: ['no_admin_events'],
  keySet: 'fresh',
  realmRequests: 5,
};

describe('the line of a pass', () => {
  it('says what was done and to whom, and is its metrics', () => {
    const line = passedLine(RESULT, 1000, 1250);
    expect(line).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(line)).toMatchObject({
      level: 'INFO',
      message: 'sync: quick pass done',
      ...{ pass: 'quick', outcome: 'done', syncPasses: 1, syncDurationMs: 250, lookedUp: 3, realmRequests: 5 },
      ...{ accountsDisabled: 1, accountsEnabled: 1, accountsUpdated: 1, disabledUsers: ['ada'], enabledUsers: ['bob'] },
    });
  });

  it('has a number for each metric and a text for each dimension that it names', () => {
    for (const line of [passedLine(RESULT, 0, 1), failedLine('full', new Error('x'), 0, 1)]) {
      const entry = JSON.parse(line);
      const [{ Dimensions, Metrics }] = entry._aws.CloudWatchMetrics;
      for (const { Name } of Metrics) expect(entry[Name]).toEqual(expect.any(Number));
      for (const name of Dimensions.flat()) expect(entry[name]).toEqual(expect.any(String));
    }
  });

  it('tells of what AWS answered the name, code and status alone, since it may repeat what was sent', () => {
    const answer = Object.assign(new Error('One or more values were invalid: ada@example.com'), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    const line = failedLine('full', answer, 0, 1);
    expect(JSON.parse(line)).toMatchObject({ reason: 'failed', why: expect.stringMatching(/^ValidationException/) });
    expect(line).not.toContain('ada@example.com');
  });

  it('names a hundred users at most', () => {
    const changes = Array.from({ length: 101 }, (_, index) => ({
      userId: `user-${index}`,
      action: 'disable' as const,
      differs: [],
    }));
    const entry = JSON.parse(passedLine({ ...RESULT, changes }, 0, 1));
    expect(entry.accountsDisabled).toBe(101);
    expect(entry.disabledUsers).toHaveLength(100);
  });

  it.each([
    ['stopped', 'safety_stop', new SyncError('safety_stop', 'too many')],
    ['failed', 'realm_unreachable', new SyncError('realm_unreachable', 'no answer')],
    ['failed', 'failed', new Error('something')],
  ])('of one that was %s tells why: %s', (outcome, reason, error) => {
    expect(JSON.parse(failedLine('full', error, 0, 1))).toMatchObject({
      ...{ level: 'ERROR', pass: 'full', outcome, reason, syncPasses: 1, accountsDisabled: 0 },
      why: `${error.name}: ${error.message}`,
    });
  });
});
