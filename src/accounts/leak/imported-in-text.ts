import { type ImportedPrefixes, MAX_IMPORTED_LENGTH, prefixesPattern } from '../../key-format/imported.ts';
import type { TextWindow } from './text-windows.ts';

/** How keys of other systems are told in a text. */
export interface ImportedForms {
  /** `any` tells nothing: it needs a pattern. */
  readonly importedPrefixes?: ImportedPrefixes | undefined;
  /** What a whole key looks like, or its first group does. Without it, what starts with a prefix may be one. */
  readonly importedPattern?: RegExp | undefined;
}

/** What may be a key of another system, and where it begins. */
export interface ImportedInText {
  readonly key: string;
  readonly keyId: undefined;
  readonly index: number;
}

/** A shorter value that starts like a key is a name. */
const MIN_LENGTH = 12;

/** Of what starts like a key several ends are tried, each at the cost of a read. */
const MAX_ENDS = 4;

/** No letter or digit stands before a key, but that of an escape, as in `%3D` or `\n`. */
const NO_LETTER_BEFORE = String.raw`(?<!(?<!%[\dA-Fa-f]|\\u[\dA-Fa-f]{3}|\\)[0-9A-Za-z])`;

/** What doesn't stand in a key: white space, quotes, brackets, and what separates values. */
const RUN = /^[^\s"'`,;&<>\\(){}[\]|\u007f-\u00ff]+/;

/** Makes the function that finds what may be a key of another system and begins in a window. */
export function createFindImported(forms: ImportedForms): (window: TextWindow) => Iterable<ImportedInText> {
  const { importedPattern } = forms;
  const start = importedPattern ?? startOf(forms.importedPrefixes ?? []);
  if (start === undefined) return () => [];
  const pattern = new RegExp(start.source, `${start.flags.replaceAll(/[gy]/g, '')}g`);

  return function* find({ text, from, to }) {
    pattern.lastIndex = from;
    for (const { 0: whole, 1: group, index } of text.matchAll(pattern)) {
      if (index >= to) return;
      const keys = importedPattern ? [group ?? whole] : keysAt(text.slice(index, index + 2 * MAX_IMPORTED_LENGTH));
      yield* keys.map((key) => ({ key, keyId: undefined, index }));
    }
  };
}

function startOf(prefixes: ImportedPrefixes): RegExp | undefined {
  if (prefixes === 'any' || prefixes.length === 0) return undefined;
  return new RegExp(`${NO_LETTER_BEFORE}(?:${prefixesPattern(prefixes)})`);
}

/** A key may be escaped as in JSON or in a URL, and end before a sign that might be a part of it or behind it. */
function keysAt(text: string): readonly string[] {
  const runs = [text, unescapeJson(text), decodeUrl(text)].map((reading) => RUN.exec(reading)?.[0] ?? '');
  const trimmed = runs.map((run) => run.replace(/[^\w-]+$/, ''));
  const cut = runs.flatMap((run) =>
    [...run.matchAll(/[\w-]+/g)].map((word) => run.slice(0, word.index + word[0].length)),
  );
  return [...new Set([...runs, ...trimmed, ...cut])]
    .filter((key) => key.length >= MIN_LENGTH && key.length <= MAX_IMPORTED_LENGTH)
    .slice(0, MAX_ENDS);
}

function unescapeJson(text: string): string {
  return text
    .replaceAll(String.raw`\/`, '/')
    .replaceAll(/\\u00([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decodeUrl(text: string): string {
  return text.replaceAll(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
