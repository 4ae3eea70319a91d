import { styleText } from 'node:util';

/** Colours a text, where colours are wanted. */
export type Style = (colour: 'green' | 'yellow' | 'red' | 'dim', text: string) => string;

/**
 * Colours for what is written to a stream: on a terminal that can, unless `NO_COLOR`, `NODE_DISABLE_COLORS` or
 * `TERM=dumb` is set, and anywhere with `FORCE_COLOR`.
 *
 * @see https://nodejs.org/api/util.html#utilstyletextformat-text-options
 */
export function styleFor(stream: NodeJS.WritableStream): Style {
  return (colour, text) => styleText(colour, text, { stream });
}
