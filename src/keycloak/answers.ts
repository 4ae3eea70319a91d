import * as v from 'valibot';
import { SyncError } from './sync-error.ts';

/** How many entries one request for a list asks for: half a second's work for a realm of 200,000 users. */
export const PAGE = 1000;

/**
 * Reads an answer by the shape that it must have.
 *
 * @param what was asked for, as `user 42`.
 * @throws SyncError `realm_answer` that names the place and holds no value, which may be personal.
 */
export function parseAnswer<Schema extends v.GenericSchema>(
  schema: Schema,
  answer: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue) ?? 'the whole of it';
  throw new SyncError('realm_answer', `The realm's answer to the request for ${what} can't be read: see ${at}.`);
}

/** A list to its end, page by page. One whose entries move meanwhile may give one twice, or leave one out. */
export async function* readPages<Schema extends v.GenericSchema>(
  schema: Schema,
  what: string,
  ask: (page: { readonly first: number; readonly max: number }) => Promise<unknown>,
): AsyncGenerator<v.InferOutput<Schema>> {
  for (let first = 0; ; first += PAGE) {
    const page = parseAnswer(v.array(schema), await ask({ first, max: PAGE }), what);
    yield* page;
    if (page.length < PAGE) return;
  }
}
