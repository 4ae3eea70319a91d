import type { ImportSummary } from '../accounts/import/import-lines.ts';

/** What an import did, or would do, in a few lines for people. */
export function formatSummary(summary: ImportSummary, dryRun: boolean): string {
  const { lines, usersCreated, keysCreated, keysUnchanged, refused } = summary;
  const [be, are] = dryRun ? ['would be ', keysUnchanged === 1 ? ' is' : ' are'] : ['', ''];
  const counts = [
    `${count(usersCreated, 'user')} and ${count(keysCreated, 'key')} ${be}created`,
    `${count(keysUnchanged, 'key')}${are} there already`,
    `${count(refused, 'line')} ${be}refused`,
  ];
  return [
    `${count(lines, 'line')}${dryRun ? ' checked' : ''}: ${counts.join(', ')}.`,
    ...(dryRun ? ['Nothing was written.'] : []),
    ...describeWeak(summary),
    ...describePrefixes(summary),
  ].join('\n');
}

/** Without the right prefixes the function looks none of these keys up, and refuses them all. */
function describePrefixes({ importedPrefixes, keysHashed }: ImportSummary): readonly string[] {
  const needs = "the function's GATEPASS_IMPORTED_PREFIXES needs";
  const isAny = importedPrefixes.includes('*');
  const why = isAny ? ', since some start with no prefix' : '';
  const known = importedPrefixes.length > 0 ? [`For these keys, ${needs} ${importedPrefixes.join(',')}${why}.`] : [];
  const [came, those] = keysHashed === 1 ? ['came as a hash', 'it starts'] : ['came as hashes', 'they start'];
  const isUnknown = keysHashed > 0 && !isAny;
  return isUnknown ? [...known, `${count(keysHashed, 'key')} ${came}: ${needs} what ${those} with.`] : known;
}

function describeWeak({ keysWeak }: ImportSummary): readonly string[] {
  return keysWeak > 0
    ? [`${count(keysWeak, 'key')} can be guessed and came in by --allow-weak: rotate them soon.`]
    : [];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
