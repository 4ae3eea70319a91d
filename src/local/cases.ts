import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';

// From src/local/ and from dist/local/ alike, the root is two levels up.
export const EVENTS = new URL('../../events/', import.meta.url);
const TABLE = 'cases.json';

export const OUTCOMES = ['allow', 'deny', 'preflight', 'fault'] as const;

export type Outcome = (typeof OUTCOMES)[number];

const caseSchema = v.strictObject({
  /** The event's file in `events/`, without its ending; without it the file is named as the case. */
  event: v.optional(v.string()),
  /** The placeholder that takes the place of those in the file. */
  credential: v.optional(v.string()),
  /** Variables that differ from the demo's for this case. */
  with: v.optional(v.record(v.string(), v.string()), {}),
  /** What must be out of order for this case to show. */
  broken: v.optional(v.picklist(['table', 'realm', 'configuration'])),
  outcome: v.picklist(OUTCOMES),
  /** The reason code of the decision log line. */
  reason: v.string(),
  /** A refusal's public answer (`denyError`). */
  error: v.optional(v.string()),
  /** The whole context that reaches the backend: one of `contexts`, or what differs from it; null leaves a key out. */
  context: v.optional(
    v.union([v.string(), v.objectWithRest({ like: v.optional(v.string()) }, v.nullable(v.string()))]),
  ),
});

type Row = v.InferOutput<typeof caseSchema>;

const tableSchema = v.strictObject({
  contexts: v.record(v.string(), v.record(v.string(), v.string())),
  cases: v.record(v.string(), caseSchema),
});

/** One row of `events/cases.json`: an event, what it is sent to, and what it must give. */
export interface Case extends Omit<Row, 'event' | 'credential' | 'context'> {
  readonly name: string;
  /** The name of its file, without the ending. */
  readonly event: string;
  /** The event as JSON, with placeholders where credentials go. */
  readonly text: string;
  /** With placeholders, too. */
  readonly context?: Readonly<Record<string, string>>;
}

const PLACEHOLDER = /\{\{([A-Z0-9_]+)\}\}/g;

/**
 * Reads the table of cases, in its order.
 *
 * @throws Error unless each case has a file in `events/`.
 */
export function readCases(): readonly Case[] {
  const { cases, contexts } = v.parse(tableSchema, JSON.parse(readText(TABLE)));
  const files = readdirSync(EVENTS).filter((file) => file.endsWith('.json') && file !== TABLE);
  const events = new Map(files.map((file) => [file.replace(/\.json$/, ''), readText(file)]));
  return Object.entries(cases).map(([name, { event = name, credential, context, ...row }]) => {
    const text = events.get(event);
    if (text === undefined) throw new Error(`events/${TABLE} names ${event}, which has no file.`);
    const [, own] = new RegExp(PLACEHOLDER.source).exec(text) ?? [];
    const expected = context && contextOf(context, contexts, `{{${credential ?? own}_ID}}`);
    return {
      name,
      event,
      text: credential === undefined ? text : text.replaceAll(PLACEHOLDER, `{{${credential}}}`),
      ...row,
      ...(expected && { context: expected }),
    };
  });
}

/** @param id the placeholder of the id of the case's own credential, which `{{CREDENTIAL_ID}}` stands for. */
function contextOf(
  given: NonNullable<Row['context']>,
  contexts: Readonly<Record<string, Readonly<Record<string, string>>>>,
  id: string,
): Record<string, string> {
  const { like, ...changes } = typeof given === 'string' ? { like: given } : given;
  const base = typeof like === 'string' ? contexts[like] : {};
  if (base === undefined) throw new Error(`events/${TABLE} has no context ${like}.`);
  const context: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...base, ...changes })) {
    if (value !== null) context[name] = value.replace('{{CREDENTIAL_ID}}', id);
  }
  return context;
}

function readText(file: string): string {
  return readFileSync(new URL(file, EVENTS), 'utf8');
}
