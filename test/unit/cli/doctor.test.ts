import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { doctorCommand } from '../../../src/cli/doctor.ts';
import type { Surroundings } from '../../../src/cli/surroundings.ts';
import { UsageError } from '../../../src/terminal/usage-error.ts';
import { createMovedClock } from '../../support/moved-clock.ts';
import { createRealm, ISSUER } from '../../support/realm.ts';
import { recordOutput } from '../../support/recorded-output.ts';

const clock = createMovedClock();
const realm = createRealm(clock);

async function run(args: readonly string[], change: Partial<Surroundings> = {}) {
  let status: number | undefined;
  const around: Surroundings = {
    askRealm: async (uri) => {
      const discovery = { issuer: ISSUER, id_token_signing_alg_values_supported: ['RS256'] };
      const document = uri.endsWith('/certs') ? { keys: [realm.signing.jwk] } : discovery;
      return { status: 200, headers: {}, body: JSON.stringify(document) };
    },
    fetch: () => Promise.reject(new Error('Not asked for.')),
    now: clock.now,
    env: {},
    style: (_, text) => text,
    readSecret: async () => '',
    setExitStatus: (next) => {
      status = next;
    },
    ...change,
  };
  const output = recordOutput();
  const program = new Command('gatepass').addCommand(doctorCommand(output, around).exitOverride());
  await program.parseAsync(['doctor', ...args], { from: 'user' });
  return { output: output.results().trimEnd(), status };
}

const REALM = ['--issuer', ISSUER, '--audience', 'orders-api'];

describe('gatepass doctor', () => {
  it('exits with 0 when all is well, with 3 for a warning, with 1 for a problem', async () => {
    expect((await run(REALM)).status).toBe(0);
    expect((await run(['--issuer', ISSUER, '--audience', '*'])).status).toBe(3);
    expect((await run(['--issuer', `${ISSUER}/`, '--audience', '*'])).status).toBe(1);
  });

  it('prints JSON for programs, with the same exit status', async () => {
    const { output, status } = await run([...REALM, '--json']);
    expect(JSON.parse(output)).toMatchObject({ outcome: 'ok', exitStatus: status, findings: expect.any(Array) });
  });

  it('takes its values from the environment, and options before it', async () => {
    vi.stubEnv('GATEPASS_ISSUER', 'https://other.example.com/realms/main');
    vi.stubEnv('GATEPASS_AUDIENCE', 'orders-api');
    expect((await run(['--json'])).output).toContain('told https://other.example.com/realms/main');
    expect((await run(['--issuer', ISSUER])).status).toBe(0);
    vi.unstubAllEnvs();
  });

  it('reports a misspelt variable', async () => {
    const { output, status } = await run(REALM, { env: { GATEPASS_ISUER: 'x', HOME: '/' } });
    expect(status).toBe(1);
    expect(output).toContain('GATEPASS_ISUER is not a variable');
  });

  it('takes nothing else from the environment', async () => {
    expect((await run(REALM, { env: { HOME: '/' } })).output).not.toContain('HOME');
  });

  it('judges a token of standard input, with its scheme and line break or without', async () => {
    const token = await realm.token({ azp: 'orders-web' });
    for (const stdin of [token, `${token}\n`, `Bearer ${token}\r\n`]) {
      const { output, status } = await run([...REALM, '--token-stdin'], { readSecret: async () => stdin });
      expect(output).toContain('It lets the caller through');
      expect(output).not.toContain(token);
      expect(status).toBe(0);
    }
  });

  it('takes no token as an argument', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await expect(run([...REALM, 'eyJ.e30.x'])).rejects.toThrow(/too many arguments/);
    stderr.mockRestore();
  });

  it.each([
    ['nothing to examine', [], 'What shall be examined?'],
    ['a token without an issuer', ['--table', 'gatepass', '--token-stdin'], 'give both'],
    ['an empty standard input', [...REALM, '--token-stdin'], 'holds no credential'],
  ])('refuses %s as wrong usage', async (_, args, message) => {
    const error: unknown = await run(args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(message);
  });
});
