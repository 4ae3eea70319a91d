import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';

const EVENTS = new URL('../../events/', import.meta.url);

const jsonObject = v.record(v.string(), v.unknown());

/** The names of the files in `events/`, without their ending. */
export const SAMPLE_EVENTS: readonly string[] = readdirSync(EVENTS)
  .filter((file) => file.endsWith('.json') && file !== 'expected.json')
  .map((file) => file.replace(/\.json$/, ''));

/** A sample event as it lies in `events/`, with its placeholders where credentials go. */
export function sampleEvent(name: string): Record<string, unknown> {
  return v.parse(jsonObject, readJson(`${name}.json`));
}

/** What `events/expected.json` says that the function decides. */
export function expectedReason(name: string): string {
  const expectations = v.parse(v.record(v.string(), v.object({ reason: v.string() })), readJson('expected.json'));
  const expectation = expectations[`${name}.json`];
  if (expectation === undefined) throw new Error(`events/expected.json does not name ${name}.json`);
  return expectation.reason;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8'));
}
