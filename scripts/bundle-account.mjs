/** @typedef {Readonly<Record<string, Readonly<Record<string, number>>>>} Sizes bytes by file and package */

/**
 * What is wrong with a bundle's parts and sizes, and then what changed since they were recorded, most growth first.
 *
 * @param {Sizes} sizes
 * @param {Sizes} recorded
 * @param {readonly string[]} atStart the files that a start waits for
 * @param {{ readonly start: number, readonly all: number }} most in bytes, of these and of all files
 * @returns {readonly string[]} lines for people; none: all is well
 */
export function findProblems(sizes, recorded, atStart, most) {
  const { start, all } = totalsOf(sizes, atStart);
  const known = partsOf(recorded);
  const problems = partsOf(sizes)
    .filter((part) => !known.includes(part))
    .map((part) => `${part} is new: if it is worth its bytes, record it (node scripts/bundle-sizes.mjs --record)`);
  if (start > most.start) problems.push(`a start waits for ${start} bytes, ${start - most.start} too many`);
  if (all > most.all) problems.push(`the bundle has ${all} bytes, ${all - most.all} too many`);
  return problems.length === 0 ? [] : [...problems, 'What changed since the record:', ...changes(sizes, recorded)];
}

/**
 * @param {Sizes} sizes
 * @param {readonly string[]} atStart
 */
export function totalsOf(sizes, atStart) {
  const sum = (/** @type {readonly string[]} */ files) =>
    files.flatMap((file) => Object.values(sizes[file] ?? {})).reduce((total, bytes) => total + bytes, 0);
  return { start: sum(atStart), all: sum(Object.keys(sizes)) };
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
