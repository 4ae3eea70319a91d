import { expect, it } from 'vitest';
import { findProblems } from '../../../scripts/bundle-account.mjs';

const RECORDED = {
  'index.mjs': { src: 80 },
  'shared.mjs': { src: 20, valibot: 50 },
  'sdk.mjs': { '@aws-sdk/core': 300 },
};
const AT_START = ['index.mjs', 'shared.mjs'];
const MOST = { start: 160, all: 470 };

it('a bundle of known parts may have just as many bytes as are allowed', () => {
  const sizes = {
    ...RECORDED,
    'shared.mjs': { src: 20, valibot: 60 },
    'sdk.mjs': { '@aws-sdk/core': 310 },
  };
  expect(findProblems(sizes, RECORDED, AT_START, MOST)).toEqual([]);
});

it('one byte more is a problem, told with what grew and what shrank, most growth first', () => {
  const sizes = {
    'index.mjs': { src: 70 },
    'shared.mjs': { src: 20, valibot: 71 },
    'sdk.mjs': { '@aws-sdk/core': 310 },
  };
  expect(findProblems(sizes, RECORDED, AT_START, MOST)).toEqual([
    'a start waits for 161 bytes, 1 too many',
    'the bundle has 471 bytes, 1 too many',
    'What changed since the record:',
    '  shared.mjs valibot: 50 -> 71 (+21)',
    '  sdk.mjs @aws-sdk/core: 300 -> 310 (+10)',
    '  index.mjs src: 80 -> 70 (-10)',
  ]);
});

it('a package in a file where it was not recorded is a problem, however small, and so is a new file', () => {
  const sizes = { 'index.mjs': { src: 80, '@aws-sdk/core': 1 }, 'more.mjs': { src: 1 } };
  expect(findProblems(sizes, RECORDED, AT_START, MOST).slice(0, 2)).toEqual([
    expect.stringMatching(/^index\.mjs @aws-sdk\/core is new/),
    expect.stringMatching(/^more\.mjs src is new/),
  ]);
});
