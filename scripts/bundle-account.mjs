/** @typedef {Readonly<Record<string, Readonly<Record<string, number>>>>} Sizes bytes by file and package */

/**
 * What is wrong with a bundle's parts and sizes, and then what changed since they were recorded, most growth first.
 *
 * @param {Sizes} sizes
 * @param {Sizes} recorded
 * @param {{ readonly entry: number, readonly all: number }} most in bytes, of the entry and of all files
 * @returns {readonly string[]} lines for people; none: all is well
 */
export function findProblems(sizes, recorded, most) {
  const { entry, all } = totalsOf(sizes);
  const known = partsOf(recorded);
  const problems = partsOf(sizes)
    .filter((part) => !known.includes(part))
    .map((part) => `${part} is new: if it is worth its bytes, record it (node scripts/bundle-sizes.mjs --record)`);
  if (entry > most.entry) problems.push(`the entry has ${entry} bytes, ${entry - most.entry} too many`);
  if (all > most.all) problems.push(`the bundle has ${all} bytes, ${all - most.all} too many`);
  return problems.length === 0 ? [] : [...problems, 'What changed since the record:', ...changes(sizes, recorded)];
}

/** @param {Sizes} sizes */
export function totalsOf(sizes) {
  const sum = (packages = {}) => Object.values(packages).reduce((total, bytes) => total + bytes, 0);
  return { entry: sum(sizes['index.mjs']), all: Object.values(sizes).reduce((total, one) => total + sum(one), 0) };
}

/**
 * @param {Sizes} sizes
 * @param {Sizes} recorded
 */
function changes(sizes, recorded) {
  return [...new Set([...partsOf(sizes), ...partsOf(recorded)])]
    .map((part) => ({ part, bytes: bytesOf(sizes, part), was: bytesOf(recorded, part) }))
    .filter(({ bytes, was }) => bytes !== was)
    .sort((a, b) => b.bytes - b.was - (a.bytes - a.was))
    .map(({ part, bytes, was }) => `  ${part}: ${was} -> ${bytes} (${bytes > was ? '+' : ''}${bytes - was})`);
}

/** @param {Sizes} sizes */
function partsOf(sizes) {
  return Object.entries(sizes).flatMap(([file, packages]) => Object.keys(packages).map((name) => `${file} ${name}`));
}

/**
 * @param {Sizes} sizes
 * @param {string} part
 */
function bytesOf(sizes, part) {
  const [file = '', ...name] = part.split(' ');
  return sizes[file]?.[name.join(' ')] ?? 0;
}
