import * as v from 'valibot';

const text = v.optional(v.string());
const line = v.optional(v.number());

/** What scanners say of a find. */
const findSchema = v.object({
  /** GitHub's secret scanning tells its partners `token` and `url`. */
  token: text,
  url: text,
  /** gitleaks */
  ...{ Link: text, File: text, StartLine: line, Commit: text },
  /** trufflehog: one member, named after where it looked. */
  SourceMetadata: v.optional(
    v.object({
      Data: v.record(v.string(), v.object({ link: text, repository: text, file: text, line, commit: text })),
    }),
  ),
});

type Find = v.InferOutput<typeof findSchema>;

/** How many objects around a key are looked at, from the innermost outwards. */
const MAX_OBJECTS = 8;

/**
 * Where a scanner found a key: read from the JSON object of its report that the key stands in.
 *
 * @param index where the key begins in the text, whose characters are bytes.
 * @returns nothing if the text around is no report that is known.
 */
export function placeIn(text: string, index: number): string | undefined {
  let start = index;
  for (let objects = 0; objects < MAX_OBJECTS && start > 0; objects++) {
    start = text.lastIndexOf('{', start - 1);
    if (start < 0) return undefined;
    const place = placeOf(objectAt(text, start, index));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The object that begins at a brace, if it reaches beyond a place. */
function objectAt(text: string, start: number, beyond: number): unknown {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}]/g;
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    depth += token[0] === '{' ? 1 : token[0] === '}' ? -1 : 0;
    if (depth > 0) continue;
    return token.index < beyond ? undefined : parseJson(text.slice(start, token.index + 1));
  }
  return undefined;
}

function parseJson(bytes: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
}

function placeOf(object: unknown): string | undefined {
  const read = v.safeParse(findSchema, object);
  if (!read.success) return undefined;
  const { token, url, Link, File, StartLine, Commit, SourceMetadata }: Find = read.output;
  const { link, repository, file, line: at, commit } = Object.values(SourceMetadata?.Data ?? {})[0] ?? {};
  return (
    (token === undefined ? undefined : url) ||
    Link ||
    link ||
    described({ file: File, line: StartLine, commit: Commit }) ||
    described({ repository, file, line: at, commit })
  );
}

interface Described {
  readonly repository?: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly commit: string | undefined;
}

function described({ repository, file, line, commit }: Described): string | undefined {
  if (!file) return undefined;
  const place = line ? `${file}:${line}` : file;
  return [repository, place, commit ? `(commit ${commit})` : undefined].filter(Boolean).join(' ');
}
