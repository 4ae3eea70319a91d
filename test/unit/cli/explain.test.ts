import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { explainCommand } from '../../../src/cli/explain.ts';
import type { Surroundings } from '../../../src/cli/surroundings.ts';
import { UsageError } from '../../../src/terminal/usage-error.ts';
import { createMovedClock } from '../../support/moved-clock.ts';
import { AUDIENCE, createRealm, ISSUER } from '../../support/realm.ts';
import { recordOutput } from '../../support/recorded-output.ts';

const clock = createMovedClock();
const realm = createRealm(clock);

async function run(args: readonly string[], pasted: string) {
  let status: number | undefined;
  const around: Surroundings = {
    askRealm: async () => ({ status: 200, headers: {}, body: JSON.stringify({ keys: [realm.signing.jwk] }) }),
    fetch: () => Promise.reject(new Error('Not asked for.')),
    now: clock.now,
    env: {},
    style: (_, text) => text,
    readSecret: async () => pasted,
    setExitStatus: (next) => {
      status = next;
    },
  };
  const output = recordOutput();
  const program = new Command('gatepass').addCommand(explainCommand(output, around).exitOverride());
  await program.parseAsync(['explain', ...args], { from: 'user' });
  return { output: output.results().trimEnd(), status };
}

const REALM = ['--issuer', ISSUER, '--audience', AUDIENCE];

describe('gatepass explain', () => {
  it('needs no table for a token, and exits with 0 when it is good and with 1 when it is refused', async () => {
    const good = await run(REALM, `Authorization: Bearer ${await realm.token()}`);
    expect(good).toMatchObject({ status: 0, output: expect.stringMatching(/✓ token\.decision /) });
    const refused = await run(REALM, await realm.token({ aud: 'other' }));
    expect(refused).toMatchObject({ status: 1, output: expect.stringMatching(/✗ token\.aud /) });
  });

  it('exits with 3 when the token is good with a warning', async () => {
    expect((await run(REALM, await realm.token({ iat: clock.seconds() + 6 }))).status).toBe(3);
  });

  it('names the claim of a form that no token has', async () => {
    const { status, output } = await run(REALM, await realm.token({ iat: '1700000000' }));
    expect(status).toBe(1);
    expect(output).toMatch(/Its iat is "1700000000"/);
  });

  it('prints JSON for programs, which holds no part of the token', async () => {
    const token = await realm.token({ aud: 'other' });
    const { output, status } = await run([...REALM, '--json'], token);
    expect(JSON.parse(output)).toMatchObject({
      outcome: 'problem',
      exitStatus: status,
      findings: expect.arrayContaining([
        {
          name: 'token.aud',
          expected: expect.any(String),
          severity: 'problem',
          found: expect.any(String),
          remedy: expect.any(String),
        },
      ]),
    });
    for (const part of token.split('.')) expect(output).not.toContain(part);
  });

  it('takes its values from the environment too', async () => {
    vi.stubEnv('GATEPASS_ISSUER', ISSUER);
    vi.stubEnv('GATEPASS_AUDIENCE', AUDIENCE);
    expect((await run([], await realm.token())).status).toBe(0);
    vi.unstubAllEnvs();
  });

  it.each([
    ['a scheme alone', REALM, 'Bearer', /holds no credential, or only a scheme/],
    ["the token endpoint's refusal", REALM, '{"error":"invalid_grant"}', /the error invalid_grant/],
    ['a key and no table', [], 'gp_live_x', /Which table\?/],
    ['a token and no issuer', ['--audience', '*'], 'Bearer eyJ.eyJ.x', /--issuer and --audience: give both/],
    ['values that are not valid', ['--issuer', 'http://id'], 'gp_live_x', /GATEPASS_ISSUER must be an https URL/],
  ])('refuses %s as wrong usage', async (_, args, pasted, message) => {
    const error: unknown = await run(args, pasted).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(message);
  });
});
