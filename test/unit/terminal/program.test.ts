import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { NotConfirmed } from '../../../src/terminal/confirm.ts';
import { runProgram } from '../../../src/terminal/program.ts';
import { UsageError } from '../../../src/terminal/usage-error.ts';
import { recordOutput } from '../../support/recorded-output.ts';

async function run(args: readonly string[], action: () => void = () => {}) {
  const output = recordOutput();
  const program = new Command('tool --').addCommand(new Command('part').argument('[name]').action(action));
  const status = await runProgram(program, args, output, (error) =>
    error instanceof TypeError ? new UsageError('It is explained.') : error,
  );
  return { status, out: output.results(), err: output.messages() };
}

const throwing = (error: unknown) => () => {
  throw error;
};

describe('a program', () => {
  it('ends with 0 when its work is done, and when it was asked for help', async () => {
    expect(await run(['part'])).toEqual({ status: 0, out: '', err: '' });
    expect(await run(['part', '--help'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Usage: tool -- part/),
      err: '',
    });
  });

  it.each([['--nonsense'], ['nonsense'], ['part', '--nonsense'], ['part', 'one', 'too-many'], []])(
    'ends with 2, having said what is wrong on standard error alone: %s %s',
    async (...args) => {
      expect(await run(args)).toMatchObject({ status: 2, out: '', err: expect.stringMatching(/^(?:error: |Usage: )/) });
    },
  );

  it('ends with 2 for wrong usage that its work finds, and with 1 for any other error', async () => {
    expect(await run(['part'], throwing(new UsageError('Give more.')))).toEqual({
      status: 2,
      out: '',
      err: 'tool: Give more.\n',
    });
    expect(await run(['part'], throwing(new NotConfirmed('No.')))).toEqual({ status: 1, out: '', err: 'tool: No.\n' });
    expect(await run(['part'], throwing('a text'))).toEqual({ status: 1, out: '', err: 'tool: a text\n' });
  });

  it('says an error as it is explained', async () => {
    expect(await run(['part'], throwing(new TypeError('x')))).toEqual({
      status: 2,
      out: '',
      err: 'tool: It is explained.\n',
    });
  });
});
