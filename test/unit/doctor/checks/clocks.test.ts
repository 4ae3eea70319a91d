import { describe, expect, it } from 'vitest';
import { CLOCK_SKEW_SECONDS } from '../../../../src/bearer/claims.ts';
import { clockChecks } from '../../../../src/doctor/checks/clocks.ts';
import type { RealmFacts } from '../../../../src/doctor/realm-facts.ts';
import { answerOf, NO_ANSWER, realmOf, runCheck } from '../answers.ts';

const NOW = Date.parse('2026-11-24T08:15:30Z');

/** The finding on a realm's clock that shows this many seconds more than ours, to a request that took no time. */
function check(seconds: number, headers: object = {}, times: object = {}) {
  const date = new Date(NOW + seconds * 1000).toUTCString();
  const answer = answerOf({}, { headers: { date, ...headers } });
  return judge(realmOf({ jwks: { ...answer, sentAt: NOW, answeredAt: NOW, ...times } }));
}

function judge(realm: RealmFacts) {
  return runCheck(clockChecks, 'clock.realm', { realm, table: undefined });
}

describe('a clock', () => {
  it.each([0, 5, -5])('is good %d s off', async (seconds) => {
    expect((await check(seconds)).severity).toBe('ok');
  });

  it.each([6, -7, CLOCK_SKEW_SECONDS - 1])('is worth a warning %d s off', async (seconds) => {
    expect(await check(seconds)).toMatchObject({ severity: 'warning', remedy: expect.stringContaining('NTP') });
  });

  it.each([CLOCK_SKEW_SECONDS, -CLOCK_SKEW_SECONDS - 1])(
    'is a problem %d s off, when tokens are refused',
    async (seconds) => {
      expect((await check(seconds)).severity).toBe('problem');
    },
  );

  it('says by how much it is off, and which way', async () => {
    expect((await check(40)).found).toContain('40 s ahead of ours');
    expect((await check(-41)).found).toContain('40 s behind ours');
  });

  it('is not taken for wrong because its answer took long', async () => {
    expect((await check(-8, {}, { answeredAt: NOW + 10_000, sentAt: NOW - 10_000 })).severity).toBe('ok');
    expect((await check(8, {}, { answeredAt: NOW + 10_000 })).severity).toBe('ok');
  });

  it('is not judged by a date that a cache has kept', async () => {
    expect(await check(-40, { age: '40' })).toMatchObject({
      severity: 'skipped',
      found: expect.stringContaining('cache'),
    });
    expect((await check(-40, { age: '0' })).severity).toBe('problem');
  });

  it('is not judged by what is no date', async () => {
    expect((await check(0, { date: 'yesterday' })).severity).toBe('skipped');
  });

  it('is told by whichever answer has a date, and it is said when none has', async () => {
    const dated = { ...answerOf({}, { headers: { date: new Date(NOW).toUTCString() } }), sentAt: NOW, answeredAt: NOW };
    expect((await judge(realmOf({ discovery: dated, jwks: answerOf({}) }))).severity).toBe('ok');
    expect((await judge(realmOf({ discovery: answerOf({}), jwks: NO_ANSWER }))).found).toContain(
      'Keycloak sends no Date header',
    );
    expect((await judge(realmOf({}))).found).toBe('The realm did not answer.');
  });
});
