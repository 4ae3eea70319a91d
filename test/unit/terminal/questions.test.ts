import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { ask } from '../../../src/terminal/ask.ts';
import { confirm, NotConfirmed } from '../../../src/terminal/confirm.ts';
import { readSecret } from '../../../src/terminal/read-secret.ts';
import { UsageError } from '../../../src/terminal/usage-error.ts';

let stderr: MockInstance<typeof process.stderr.write>;

beforeEach(() => {
  stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => stderr.mockRestore());

function terminal(...typed: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  for (const text of typed) input.write(text);
  return input;
}

function written(): string {
  return stderr.mock.calls.map(([text]) => String(text)).join('');
}

describe('a destructive command', () => {
  it.each(['y\n', 'Y\n', ' yes \n'])('goes ahead after %j', async (answer) => {
    await confirm('It will be deleted.', undefined, () => {}, terminal(answer));
  });

  it.each(['n\n', '\n', 'yesterday\n', ''])('fails after %j, and says that nothing was changed', async (answer) => {
    const outcome = confirm('It will be deleted.', undefined, () => {}, terminal(answer).end());
    await expect(outcome).rejects.toThrow(new NotConfirmed('Nothing was changed.'));
  });

  it('says what will be done, and with --yes asks nobody', async () => {
    const said: string[] = [];
    await confirm('It will be deleted.', true, (text) => said.push(text), new PassThrough());
    expect(said).toEqual(['It will be deleted.']);
  });

  it('is wrong usage where there is nobody to ask', async () => {
    await expect(confirm('It …', undefined, () => {}, new PassThrough())).rejects.toThrow(UsageError);
  });
});

describe('a secret', () => {
  it('that is piped in is taken whole, without the line break at its end', async () => {
    expect(await readSecret('the key', PassThrough.from(['one\n', 'two\n']))).toBe('one\ntwo');
    expect(written()).toBe('');
  });

  it('that is pasted at a terminal is never echoed', async () => {
    expect(await readSecret('the key', terminal('hunter2', '\r'))).toBe('hunter2');
    expect(written()).toBe('Paste the key and press Enter (it is not shown): \n');
  });

  it('that has several lines is taken whole, so that nothing of it is left for the shell', async () => {
    expect(await readSecret('the answer', terminal('{\n  "access_token": "x"\n}'))).toBe('{\n  "access_token": "x"\n}');
  });

  it('that is longer than the 4,096 characters of a terminal line is taken whole', async () => {
    const long = 'x'.repeat(9000);
    expect(await readSecret('the token', terminal(long, '\r'))).toBe(long);
  });

  it('can be corrected while it is typed', async () => {
    expect(await readSecret('the key', terminal('hunter3', '\u007f', '2\r'))).toBe('hunter2');
  });

  it.each([
    ['Enter', '\r'],
    ['Ctrl-D', '\u0004'],
    ['Ctrl-C', '\u0003'],
  ])('that is not given (%s) is wrong usage', async (_, typed) => {
    await expect(readSecret('the key', terminal(typed))).rejects.toThrow(UsageError);
  });

  it('that is missing on standard input is wrong usage', async () => {
    await expect(readSecret('the key', PassThrough.from(['\n']))).rejects.toThrow(/pipe or paste the key/);
  });
});

describe('one question after the other', () => {
  it('shows each character of the later ones once', async () => {
    Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
    const input = terminal();
    for (const answer of ['one', 'two', 'three']) {
      stderr.mockClear();
      const answered = ask('? ', input);
      input.write(`${answer}\r`);
      expect(await answered).toBe(answer);
      expect(written().match(new RegExp(answer.charAt(0), 'g'))).toHaveLength(1);
    }
    Reflect.deleteProperty(process.stderr, 'isTTY');
  });

  it('has no answer when the terminal is closed', async () => {
    expect(await ask('? ', terminal().end())).toBeUndefined();
  });
});
