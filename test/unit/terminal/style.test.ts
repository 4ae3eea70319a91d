import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { styleFor } from '../../../src/terminal/style.ts';

const VARIABLES = ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR', 'TERM', 'COLORTERM', 'CI', 'TMUX'];

afterEach(() => vi.unstubAllEnvs());

describe('colours', () => {
  it.each([
    [true, { TERM: 'xterm' }, true],
    [true, { TERM: 'xterm', NO_COLOR: '1' }, false],
    [true, { TERM: 'xterm', NODE_DISABLE_COLORS: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, { TERM: 'xterm' }, false],
    [false, { TERM: 'xterm', FORCE_COLOR: '1' }, true],
  ])('on a terminal (%s) with %j: %s', (isTTY, env, hasColour) => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const stream = Object.assign(new Writable(), { isTTY, getColorDepth: WriteStream.prototype.getColorDepth });
    expect(styleFor(stream)('red', 'x')).toBe(hasColour ? '\u001b[31mx\u001b[39m' : 'x');
  });
});
