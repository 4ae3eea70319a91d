import * as v from 'valibot';
import { networkOf } from '../accounts/input.ts';
import { readIsoDate } from '../accounts/iso-date.ts';

/** What the API takes, field by field, as openapi.yaml says. Unknown fields are refused: each may be a misspelt one. */

const MAX_GRACE_SECONDS = 604_800;
export const MAX_NETWORKS = 20;

const name = v.pipe(
  v.string('Give a text.'),
  v.regex(/^(?!\s)\P{Cc}{1,100}(?<!\s)$/u, 'Give 1 to 100 characters, without spaces around them.'),
);

const networks = v.pipe(
  v.array(
    v.pipe(v.string('Give CIDR blocks.'), v.check(isNetwork, 'Give CIDR blocks, as 192.0.2.0/24.')),
    'Give a list.',
  ),
  v.maxLength(MAX_NETWORKS, `Give ${MAX_NETWORKS} networks at most.`),
);

const moment = v.pipe(
  v.string('Give a time.'),
  v.isoTimestamp('Give a time with its zone, as 2027-01-31T12:00:00Z.'),
  v.transform(readIsoDate),
  v.number('Give a time that exists.'),
);

export interface KeyLimits {
  /** What a key may be for; none: keys have no scope. */
  readonly scopes: readonly string[];
  readonly maxDays: number;
}

export function newKeySchema({ scopes, maxDays }: KeyLimits) {
  const scope =
    scopes.length === 0
      ? v.optional(v.never('Keys have no scope here: leave it out.'))
      : v.pipe(
          v.string('Say what the key is for.'),
          v.transform((text) => [...new Set(text.split(' '))]),
          v.check((given) => given.every((one) => scopes.includes(one)), `Give some of: ${scopes.join(', ')}.`),
          v.transform((given) => given.join(' ')),
        );
  const days = `Give a whole number of days from 1 to ${maxDays}.`;
  return v.strictObject({
    name,
    scope,
    expiresInDays: v.optional(
      v.pipe(v.number(days), v.integer(days), v.minValue(1, days), v.maxValue(maxDays, days)),
      maxDays,
    ),
    networks: v.optional(networks, []),
  });
}

export const rotationSchema = v.strictObject({
  graceSeconds: v.pipe(
    v.number('Give a number of seconds.'),
    v.integer('Give whole seconds.'),
    v.minValue(0, 'Give 0 or more.'),
    v.maxValue(MAX_GRACE_SECONDS, `Give ${MAX_GRACE_SECONDS} (7 days) at most.`),
  ),
  discard: v.optional(v.picklist(['current', 'replaced'], 'Give current or replaced.')),
});

export const changeSchema = v.pipe(
  v.strictObject({
    name: v.optional(name),
    active: v.optional(v.boolean('Give true or false.')),
    expiresAt: v.optional(moment),
    networks: v.optional(v.pipe(networks, v.minLength(1, 'Give one at least.'))),
  }),
  v.check((change) => Object.keys(change).length > 0, 'Say what is to be changed.'),
);

function isNetwork(text: string): boolean {
  try {
    return networkOf(text) === text;
  } catch {
    return false;
  }
}
