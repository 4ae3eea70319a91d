import { ENVIRONMENT, KEY_PREFIX } from '../key-format/format.ts';
import { isSecureUrl, SECURE_URL_RULE } from './secure-url.ts';
import { matches, oneOf, type Rule, type Schema, schema, text } from './text-schema.ts';

export const tableName = text(matches(/^[\w.:/-]{3,1024}$/, 'must be the name or the ARN of a DynamoDB table'));

const SECURE: Rule = [isSecureUrl, SECURE_URL_RULE];

export const secureUrl = text(SECURE);

export const issuer = text(SECURE, [
  (url) => !/[?#]|\/$/.test(url),
  'must be exactly the "iss" of your tokens: no trailing slash, query or fragment',
]);

/** Docker's --env-file keeps quotes, and some write a list as JSON: each would be a part of an entry, and fit nothing. */
const PLAIN: Rule = [(list) => !/["'[\]]/.test(list), 'must have no quotes and no brackets'];

/** Comma-separated entries, none of them empty, or `*` alone for any. */
export const listOrAny = schema(
  (list): readonly string[] | 'any' => (list === '*' ? 'any' : entriesOf(list)),
  [(list) => list === '*' || hasGoodEntries(list), 'has an empty entry, or * beside others'],
  PLAIN,
);

/** Comma-separated entries, at least one, none of them empty and none `*`. */
export const listOfOne = schema(entriesOf, [hasGoodEntries, 'has an empty entry, or *'], PLAIN);

export function entriesOf(list: string): readonly string[] {
  return list.split(',').map((entry) => entry.trim());
}

function hasGoodEntries(list: string): boolean {
  return entriesOf(list).every((entry) => entry !== '' && entry !== '*');
}

export function millisecondsBetween(least: number, most: number): Schema<number> {
  return wholeBetween('milliseconds', least, most);
}

export function secondsBetween(least: number, most: number): Schema<number> {
  return wholeBetween('seconds', least, most);
}

function wholeBetween(unit: string, least: number, most: number): Schema<number> {
  return schema(Number, [
    (number) => /^\d{1,9}$/.test(number) && Number(number) >= least && Number(number) <= most,
    `must be whole ${unit} from ${least} to ${most}`,
  ]);
}

export const keyPrefix = text(matches(KEY_PREFIX.pattern, `must be ${KEY_PREFIX.rule}`));

export const environment = text(matches(ENVIRONMENT.pattern, `must be ${ENVIRONMENT.rule}`));

export const onOrOff = oneOf(['on', 'off'], 'must be on or off');

export const accountCheck = oneOf(['keys', 'all'], 'must be keys or all');
