import { describe, expect, it } from 'vitest';
import { METHODS, requestOf } from '../support/caller.ts';
import { loadEvent } from '../support/events.ts';
import { useGatepass } from '../support/gatepass.ts';
import { judge } from '../support/policy-evaluator.ts';
import { makeKey } from '../support/seed.ts';

const start = useGatepass();

describe('OPTIONS', () => {
  it.each(['options-without-credentials', 'http-payload-2-options'])(
    'without credentials is let through to OPTIONS on every path and to no other method (%s)',
    async (name) => {
      const { answer, clock, table, realm } = start();
      const event = loadEvent(name);

      const { result, log } = await answer(event);

      expect(log).toMatchObject({ outcome: 'preflight', reason: 'preflight', tableRequests: 0 });
      expect([table.operations, realm.fetched]).toEqual([[], []]);
      for (const path of ['/', '/api/v1/whoami', '/GET/x']) {
        const verdict = (method: string) =>
          judge(result.policyDocument, requestOf(event, clock.now(), { method, path }));
        expect(verdict('OPTIONS')).toBe('allow');
        for (const method of METHODS) expect(verdict(method)).toBe('implicit deny');
      }
      expect(result.principalId).toBe('anonymous');
      expect(result).not.toHaveProperty('context');
    },
  );

  it('with bad credentials leaves no Allow in the cache for them', async () => {
    const { answer, clock } = start();
    for (const value of ['garbage', 'Bearer garbage', makeKey('user-1').key, 'Bearer', '']) {
      const event = loadEvent('options-with-bad-key', value);
      const { result, log } = await answer(event);
      expect(log.outcome).toBe('deny');
      for (const method of METHODS) {
        expect(judge(result.policyDocument, requestOf(event, clock.now(), { method }))).toBe('explicit deny');
      }
    }
  });

  it('with a good key is decided as any request, so that the cached result serves them all', async () => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user());
    const asOptions = await answer(loadEvent('options-with-valid-key', key));
    const asGet = await answer(loadEvent('api-key-valid', key));
    expect(asOptions.log.outcome).toBe('allow');
    expect(asOptions.result).toEqual(asGet.result);
  });

  it('in lower case in the ARN is OPTIONS still, and GET in the event beside it is nothing', async () => {
    const { answer } = start();
    const event = loadEvent('options-without-credentials');
    const arn = String(event['methodArn']);
    expect((await answer({ ...event, methodArn: arn.replace('OPTIONS', 'options') })).log.outcome).toBe('preflight');
    // The policy is judged by the ARN, so the ARN alone says what is asked for.
    expect((await answer({ ...event, methodArn: arn.replace('OPTIONS', 'GET') })).log.outcome).toBe('deny');
  });
});
