import type { Output } from '../../src/terminal/output.ts';

export interface RecordedOutput extends Output {
  /** What was written as results. */
  readonly results: () => string;
  readonly messages: () => string;
  /** All that was written, in its order. */
  readonly everything: () => string;
}

/** An output that keeps what a command writes. It takes no credentials out: what is written is the command's own doing. */
export function recordOutput(): RecordedOutput {
  const lines: { readonly to: 'out' | 'err'; readonly text: string }[] = [];
  const textOf = (wanted: readonly string[]) =>
    lines
      .filter(({ to }) => wanted.includes(to))
      .map(({ text }) => `${text}\n`)
      .join('');
  return {
    out: (text) => void lines.push({ to: 'out', text }),
    err: (text) => void lines.push({ to: 'err', text }),
    reveal: (text) => void lines.push({ to: 'out', text }),
    results: () => textOf(['out']),
    messages: () => textOf(['err']),
    everything: () => textOf(['out', 'err']),
  };
}
