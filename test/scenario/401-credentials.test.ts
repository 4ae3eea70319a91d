import { describe, expect, it } from 'vitest';
import { loadEvent } from '../support/events.ts';
import { useGatepass } from '../support/gatepass.ts';
import { type Refusals, testRefusals } from '../support/refusals.ts';
import { makeKey } from '../support/seed.ts';

const start = useGatepass();

describe('401: no credentials that could be looked at', () => {
  const refusals: Refusals<'credentials'> = {
    'credentials.missing': [
      {
        guarantee: 'refuses a request without an Authorization header',
        present: () => loadEvent('no-credentials'),
        tableRequests: 0,
      },
      {
        guarantee: 'takes a key from no other header',
        present: async ({ seed }) => loadEvent('api-key-in-another-header', (await seed.key(await seed.user())).key),
        tableRequests: 0,
      },
      {
        guarantee: 'survives the null maps of the API Gateway console',
        present: () => loadEvent('rest-null-maps'),
        tableRequests: 0,
      },
      {
        guarantee: 'refuses an HTTP API request without the header',
        present: () => loadEvent('http-payload-2-no-credentials'),
        tableRequests: 0,
      },
    ],
    'credentials.empty': [
      { guarantee: 'refuses an empty value', present: () => loadEvent('empty-authorization'), tableRequests: 0 },
      { guarantee: 'refuses a blank value', present: () => loadEvent('blank-authorization'), tableRequests: 0 },
      { guarantee: 'refuses a scheme alone', present: () => loadEvent('scheme-alone'), tableRequests: 0 },
      { guarantee: 'refuses a scheme and a space', present: () => loadEvent('scheme-and-space'), tableRequests: 0 },
      { guarantee: 'refuses a scheme of any case alone', present: () => 'bEARER \t ', tableRequests: 0 },
      {
        guarantee: 'refuses OPTIONS with a scheme alone, as any method',
        present: () => loadEvent('options-with-scheme-alone'),
        tableRequests: 0,
      },
    ],
    'credentials.conflict': [
      {
        guarantee: 'chooses none of two good credentials',
        present: async ({ seed, realm }) =>
          loadEvent('two-credentials', await realm.token(), (await seed.key(await seed.user())).key),
        tableRequests: 0,
      },
      {
        guarantee: 'chooses none of two headers whose names differ in case',
        present: async ({ seed }) => {
          const userId = await seed.user();
          return loadEvent('two-credentials-in-two-cases', (await seed.key(userId)).key, (await seed.key(userId)).key);
        },
        tableRequests: 0,
      },
      {
        guarantee: 'chooses none of two values that an HTTP API joined by a comma',
        present: async ({ seed }) => {
          const userId = await seed.user();
          return loadEvent(
            'http-payload-2-two-credentials',
            (await seed.key(userId)).key,
            (await seed.key(userId)).key,
          );
        },
        tableRequests: 0,
      },
    ],
  };
  testRefusals(
    'credentials',
    refusals,
    {
      'credentials.missing': 'missing_authorization',
      'credentials.empty': 'missing_api_key',
      'credentials.conflict': 'invalid_api_key',
    },
    start,
  );

  it('takes the same credentials sent twice for one', async () => {
    const { seed, answer } = start();
    const { key } = await seed.key(await seed.user());

    const { log } = await answer(loadEvent('same-credentials-twice', key));

    expect(log.reason).toBe('api_key.valid');
  });

  it('fetches nothing for credentials that are no token', async () => {
    const { realm, answer } = start();
    for (const value of ['', 'Bearer', makeKey('user-1').key, 'Basic dXNlcjpwYXNz']) await answer(value);
    expect(realm.fetched).toEqual([]);
  });
});
