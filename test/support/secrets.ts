import { inspect } from 'node:util';

/** Also where a stack is quoted, with its line breaks escaped. */
const STACK_FRAME = /(?:\n|\\n)\s+at (?:(?!\\n)[^\n'"`])*/g;

/** The shortest part of a secret that counts as one: shorter ones are in other random text by chance. */
const PART = 10;

/** The same at its beginning and at its end, which are most likely to be shown. */
const OUTER_PART = 8;

/**
 * Every way in which a value could be shown: as text, as JSON, and as Node prints it, its causes and all. Without the
 * frames of stacks, whose file names a random secret may share a part with.
 */
export function textsOf(value: unknown): readonly string[] {
  const texts = [
    String(value),
    JSON.stringify(value) ?? '',
    inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null, breakLength: Infinity }),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    texts.push(error.message, error.stack ?? '', JSON.stringify({ ...error }));
  }
  return texts.map((text) => text.replaceAll(STACK_FRAME, ''));
}

/** The parts of a secret that a text holds; none, if it keeps it. */
export function leaksOf(secret: string, texts: readonly string[]): readonly string[] {
  const parts = [secret.slice(0, OUTER_PART), secret.slice(-OUTER_PART)];
  for (let at = 0; at + PART <= secret.length; at++) parts.push(secret.slice(at, at + PART));
  return parts.filter((part) => part.length >= OUTER_PART && texts.some((text) => text.includes(part)));
}

/** A hash, in hex or by its attribute's name. Not `hash` anywhere, since a random key id may hold that. */
export const A_HASH = /\bhash\b|"\w*hash\w*":|[0-9a-f]{64}/i;
