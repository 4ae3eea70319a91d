import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../src/keycloak/sync-error.ts';
import type { PassResult, Pending, SyncChange } from '../../../src/sync/pass.ts';
import { failedLine, passedLine } from '../../../src/sync/pass-log.ts';

const CHANGES: readonly SyncChange[] = [
  { userId: 'ada', action: 'disable', because: 'gone', differs: [] },
  { userId: 'bob', action: 'enable', differs: [] },
  { userId: 'cal', action: 'update', differs: ['email'] },
  { userId: 'dan', action: 'delete', differs: [] },
];

const RESULT: PassResult = {
  pass: 'quick',
  dryRun: false,
  compared: 4,
  changes: CHANGES,
  pending: ['no_admin_events'],
  skipped: [],
  keySet: 'fresh',
  realmRequests: 5,
};

const SPAN = { startedAt: 1000, endedAt: 1250 };

describe('the line of a pass', () => {
  it('says what was done and to whom, and is its metrics', () => {
    const line = passedLine(RESULT, SPAN);
    expect(line).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(line)).toMatchObject({
      level: 'INFO',
      message: 'sync: quick pass done',
      ...{ pass: 'quick', outcome: 'done', syncPasses: 1, syncDurationMs: 250, compared: 4, realmRequests: 5 },
      ...{ accountsDisabled: 1, accountsEnabled: 1, accountsUpdated: 1, accountsDeleted: 1, accountsSkipped: 0 },
      ...{ disabledUsers: ['ada'], enabledUsers: ['bob'], deletedUsers: ['dan'], accountsSkippedTooOften: 0 },
    });
  });

  it('has a number for each metric and a text for each dimension that it names', () => {
    for (const line of [passedLine(RESULT, SPAN), failedLine('full', new Error('x'), [], SPAN)]) {
      const entry = JSON.parse(line);
      const [{ Dimensions, Metrics }] = entry._aws.CloudWatchMetrics;
      for (const { Name } of Metrics) expect(entry[Name]).toEqual(expect.any(Number));
      for (const name of Dimensions.flat()) expect(entry[name]).toEqual(expect.any(String));
    }
  });

  it.each<[PassResult['pass'], Pending, string]>([
    ['full', 'full_pass_unfinished', 'unfinished'],
    ['full', 'full_pass_running', 'unfinished'],
    ['quick', 'full_pass_unfinished', 'done'],
    ['full', 'no_admin_events', 'done'],
  ])('of a %s pass with %s pending is %s', (pass, pending, outcome) => {
    expect(JSON.parse(passedLine({ ...RESULT, pass, pending: [pending] }, SPAN))).toMatchObject({ outcome });
  });

  it('tells of what AWS answered the name, code and status alone, since it may repeat what was sent', () => {
    const answer = Object.assign(new Error('One or more values were invalid: ada@example.com'), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    const line = failedLine('full', answer, [], SPAN);
    expect(JSON.parse(line)).toMatchObject({ reason: 'failed', why: expect.stringMatching(/^ValidationException/) });
    expect(line).not.toContain('ada@example.com');
  });

  it('names a hundred users at most', () => {
    const changes = Array.from({ length: 101 }, (_, index) => ({
      userId: `user-${index}`,
      action: 'disable' as const,
      differs: [],
    }));
    const entry = JSON.parse(passedLine({ ...RESULT, changes }, SPAN));
    expect(entry.accountsDisabled).toBe(101);
    expect(entry.disabledUsers).toHaveLength(100);
  });

  it.each([
    [2, 'INFO', []],
    [3, 'ERROR', ['ada']],
  ])('is for an operator to look at who was skipped in %i passes running: %s', (passes, level, named) => {
    const skipped = [{ userId: 'ada', why: 'no answer', passes }];
    expect(JSON.parse(passedLine({ ...RESULT, pass: 'full', skipped }, SPAN))).toMatchObject({
      ...{ level, outcome: 'done', accountsSkipped: 1, skipped },
      ...{ accountsSkippedTooOften: named.length, skippedTooOften: named },
    });
  });

  it.each([
    ['stopped', 'safety_stop', new SyncError('safety_stop', 'too many')],
    ['failed', 'realm_unreachable', new SyncError('realm_unreachable', 'no answer')],
    ['failed', 'failed', new Error('something')],
  ])('of one that was %s tells why, and what it had done by then: %s', (outcome, reason, error) => {
    expect(JSON.parse(failedLine('full', error, CHANGES, SPAN))).toMatchObject({
      ...{ level: 'ERROR', pass: 'full', outcome, reason, syncPasses: 1, accountsDisabled: 1, enabledUsers: ['bob'] },
      why: `${error.name}: ${error.message}`,
    });
  });
});
