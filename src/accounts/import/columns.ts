import { PROFILE_NAMES } from '../../profile.ts';
import { FileRefused } from './decode.ts';

/** The columns of a CSV file and the members of a JSON line. */
export const COLUMNS = [
  'userId',
  ...PROFILE_NAMES,
  'userActive',
  'userDeleted',
  'key',
  'keyHash',
  'name',
  'environment',
  'scope',
  'networks',
  'active',
  'deleted',
  'createdAt',
  'expiresAt',
] as const;

export type Column = (typeof COLUMNS)[number];

const KNOWN: ReadonlySet<string> = new Set(COLUMNS);

export function isColumn(name: string): boolean {
  return KNOWN.has(name);
}

/** What other systems call them, in lower case without separators. */
const OTHER_NAMES: Readonly<Record<string, Column>> = {
  ...{ user: 'userId', owner: 'userId', ownerid: 'userId', sub: 'userId', referenceid: 'userId' },
  ...{ externalid: 'userId', customid: 'userId', mail: 'email', emailaddress: 'email' },
  ...{ givenname: 'firstName', surname: 'lastName', familyname: 'lastName', realmroles: 'roles' },
  ...{ apikey: 'key', value: 'key', plaintext: 'key', hash: 'keyHash', keysha256: 'keyHash', sha256: 'keyHash' },
  ...{ keyname: 'name', label: 'name', enabled: 'active', isactive: 'active', scopes: 'scope' },
  ...{ allowedips: 'networks', cidrs: 'networks', created: 'createdAt', createdon: 'createdAt' },
  ...{ expires: 'expiresAt', expiry: 'expiresAt', expiration: 'expiresAt', validuntil: 'expiresAt' },
  ...Object.fromEntries(COLUMNS.map((column) => [column.toLowerCase(), column])),
};

export const EXAMPLE_HEADER = 'userId,key,name';

/** A name that may be shown. Of a file without a header, the first line's cells are the names, a key among them. */
const PRESENTABLE = /^[A-Za-z][A-Za-z _-]{0,30}$/;

/**
 * Checks a header line.
 *
 * @param hasOwner whether the lines need name no user.
 * @throws FileRefused once for the file, with a header that would do.
 */
export function checkHeader(names: readonly string[], hasOwner: boolean): void {
  const problem = findProblem(names, hasOwner);
  if (problem !== undefined) throw new FileRefused(`The header, line 1, ${problem}`);
}

function findProblem(names: readonly string[], hasOwner: boolean): string | undefined {
  const twice = names.find((name, index) => isColumn(name) && names.indexOf(name) !== index);
  if (twice !== undefined) return `has the column ${twice} twice: which of them counts? Keep one.`;
  if (!names.every(isColumn)) return describeUnknown(names);
  if (!hasOwner && !names.includes('userId')) return "has no userId: add it, or give --user ID for all keys' owner.";
  return undefined;
}

function describeUnknown(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length === 1 && /[;\t|]/.test(first)) {
    return 'is not separated by commas. Save the file as CSV with commas.';
  }
  const isHeader = names.some((name) => normalized(name) in OTHER_NAMES);
  if (!isHeader) return `names no column of an import. Put a header above the lines, as ${suggestion([])}.`;
  const shown = names.flatMap((name, index) => (isColumn(name) ? [] : [describeName(name, index + 1)]));
  const hint = isOfAws(names) ? ' For an API key file of AWS, give --from aws.' : '';
  return `names columns that an import has not: ${shown.join(', ')}. This would do: ${suggestion(names)}.${hint}`;
}

function describeName(name: string, number: number): string {
  if (name === '') return `(number ${number}, which has no name)`;
  return PRESENTABLE.test(name) ? name : `(number ${number})`;
}

function suggestion(names: readonly string[]): string {
  const found = new Set(names.flatMap((name) => OTHER_NAMES[normalized(name)] ?? []));
  return found.size === 0 ? EXAMPLE_HEADER : [...new Set(['userId', ...found])].join(',');
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html */
const AWS_COLUMNS: Readonly<Record<string, Column>> = { name: 'name', key: 'key', enabled: 'active', userid: 'userId' };

function isOfAws(names: readonly string[]): boolean {
  const lower = names.map((name) => name.toLowerCase());
  return lower.includes('key') && lower.includes('name') && lower.includes('usageplanids');
}

/**
 * The header of AWS's own API key file as ours: in any order and case, and what isn't known there is passed over.
 *
 * @returns a column of ours for each of theirs; `false`: passed over.
 * @throws FileRefused if it is none.
 */
export function readAwsHeader(names: readonly string[]): (Column | false)[] {
  const columns = names.map((name) => AWS_COLUMNS[name.toLowerCase()] ?? false);
  if (columns.includes('key') && columns.includes('name')) return columns;
  throw new FileRefused("The header, line 1, is not that of AWS's API key file, which has Name and Key.");
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
