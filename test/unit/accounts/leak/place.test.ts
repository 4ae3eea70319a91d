import { describe, expect, it } from 'vitest';
import { placeIn } from '../../../../src/accounts/leak/place.ts';

const KEY = 'THE-KEY';

function placeOf(report: string): string | undefined {
  const bytes = Buffer.from(report).toString('latin1');
  return placeIn(bytes, bytes.indexOf(KEY));
}

/** As gitleaks 8 writes it. */
const GITLEAKS = [
  { RuleID: 'other', Match: 'x', Secret: 'x', File: 'other.txt', StartLine: 1, Commit: 'ffff' },
  {
    ...{ RuleID: 'gatepass-api-key', Description: 'A key {of ours}', StartLine: 12, EndLine: 12 },
    ...{ Match: `const { key } = "${KEY}"`, Secret: KEY, File: 'src/zoë.ts', SymlinkFile: '', Commit: 'abc123' },
    ...{ Entropy: 5.2, Author: 'Ada', Tags: [], Fingerprint: 'abc123:src/zoë.ts:gatepass-api-key:12' },
  },
];

/** As trufflehog 3 writes it, each on a line. */
const TRUFFLEHOG = {
  SourceMetadata: {
    Data: {
      Git: { commit: 'abc123', file: 'config.yml', repository: 'https://github.com/acme/app', line: 3, timestamp: 'x' },
    },
  },
  ...{
    SourceID: 1,
    DetectorName: 'CustomRegex',
    Verified: false,
    Raw: KEY,
    RawV2: '',
    ExtraData: { name: 'gatepass' },
  },
};

describe('the place of a find', () => {
  it.each<[string, unknown, string]>([
    ['gitleaks, of a commit', GITLEAKS, 'src/zoë.ts:12 (commit abc123)'],
    ['gitleaks, with a link', [{ ...GITLEAKS[1], Link: 'https://x/y#L12' }], 'https://x/y#L12'],
    ['gitleaks, of a folder', [{ Secret: KEY, File: 'a.txt', StartLine: 1, Commit: '', Link: '' }], 'a.txt:1'],
    ['trufflehog, of a commit', TRUFFLEHOG, 'https://github.com/acme/app config.yml:3 (commit abc123)'],
    [
      'trufflehog, with a link',
      { SourceMetadata: { Data: { Github: { link: 'https://x/z', file: 'a' } } }, Raw: KEY },
      'https://x/z',
    ],
    ['trufflehog, of a file', { SourceMetadata: { Data: { Filesystem: { file: 'a.txt' } } }, Raw: KEY }, 'a.txt'],
    [
      'GitHub',
      [
        { token: 'x', type: 't', url: 'https://wrong' },
        { token: KEY, type: 't', url: 'https://right', source: 'content' },
      ],
      'https://right',
    ],
  ])('is read of a report of %s', (_, report, expected) => {
    expect(placeOf(JSON.stringify(report))).toBe(expected);
    expect(placeOf(`log\n${JSON.stringify(report, null, 1)}\n`)).toBe(expected);
    expect(placeOf(`${JSON.stringify({ File: 'before' })}\n${JSON.stringify(report)}\n{"File":"behind"}`)).toBe(
      expected,
    );
  });

  it.each([
    ['a text', `key=${KEY}`],
    ['another JSON', JSON.stringify({ url: 'https://x', message: KEY })],
    ['an object that is cut off', `{"File":"a.txt","Secret":"${KEY}"`],
    ['a field of another type', JSON.stringify({ File: 5, Secret: KEY })],
    ['many braces', `${'{'.repeat(50_000)}${KEY}`],
    ['an object that ended before', `{"File":"a.txt"} ${KEY}`],
  ])('is not made up of %s', (_, text) => {
    expect(placeOf(text)).toBeUndefined();
  });
});
