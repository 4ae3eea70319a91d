import * as v from 'valibot';
import { ENVIRONMENT, KEY_PREFIX } from '../key-format/format.ts';
import { isSecureUrl, SECURE_URL_RULE } from './secure-url.ts';

export const tableName = v.pipe(
  v.string(),
  v.regex(/^[\w.:/-]{3,1024}$/, 'must be the name or the ARN of a DynamoDB table'),
);

export const secureUrl = v.pipe(v.string(), v.check(isSecureUrl, SECURE_URL_RULE));

export const issuer = v.pipe(
  secureUrl,
  v.check(
    (text) => !/[?#]|\/$/.test(text),
    'must be exactly the "iss" of your tokens: no trailing slash, query or fragment',
  ),
);

/** Comma-separated entries, none of them empty, or `*` alone for any. */
export const listOrAny = v.pipe(
  v.string(),
  v.check(
    (text) => text === '*' || entriesOf(text).every((entry) => entry !== '' && entry !== '*'),
    'has an empty entry, or * beside others',
  ),
  v.transform((text) => (text === '*' ? ('any' as const) : entriesOf(text))),
);

/** Comma-separated entries, at least one, none of them empty and none `*`. */
export const listOfOne = v.pipe(
  v.string(),
  v.check((text) => entriesOf(text).every((entry) => entry !== '' && entry !== '*'), 'has an empty entry, or *'),
  v.transform(entriesOf),
);

function entriesOf(text: string): readonly string[] {
  return text.split(',').map((entry) => entry.trim());
}

export function millisecondsBetween(least: number, most: number) {
  return wholeBetween('milliseconds', least, most);
}

export function secondsBetween(least: number, most: number) {
  return wholeBetween('seconds', least, most);
}

function wholeBetween(unit: string, least: number, most: number) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be whole ${unit} from ${least} to ${most}`,
    ),
    v.transform(Number),
  );
}

export const keyPrefix = v.pipe(v.string(), v.regex(KEY_PREFIX.pattern, `must be ${KEY_PREFIX.rule}`));

export const environment = v.pipe(v.string(), v.regex(ENVIRONMENT.pattern, `must be ${ENVIRONMENT.rule}`));

export const onOrOff = v.picklist(['on', 'off'], 'must be on or off');

export const accountCheck = v.picklist(['keys', 'all'], 'must be keys or all');
