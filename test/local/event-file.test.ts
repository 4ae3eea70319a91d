import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readEventFile } from '../../src/local/event-file.ts';
import { caseOf } from '../support/events.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatepass-event-file-'));

afterAll(() => rmSync(folder, { recursive: true }));

const { text: EVENT } = caseOf('api-key-valid');

function write(content: string | Buffer): string {
  const path = join(folder, 'event.json');
  writeFileSync(path, content);
  return path;
}

function sample(name: string): string {
  return fileURLToPath(new URL(`../../events/${name}.json`, import.meta.url));
}

describe('an event file', () => {
  it('of events/ is the case named like it', () => {
    expect(readEventFile(sample('api-key-valid'), undefined)).toEqual({ text: EVENT, case: caseOf('api-key-valid') });
    expect(readEventFile(sample('bearer-valid'), undefined).case).toEqual(caseOf('bearer-valid'));
  });

  it("of events/ is another of its cases, with that case's credential", () => {
    expect(readEventFile(sample('api-key-valid'), 'api-key-expired')).toEqual({
      text: EVENT.replaceAll('{{API_KEY}}', '{{API_KEY_EXPIRED}}'),
      case: caseOf('api-key-expired'),
    });
  });

  it("of the user's own is no case, placeholders or not", () => {
    expect(readEventFile(write(EVENT), undefined)).toEqual({ text: EVENT });
    expect(readEventFile(write('{}'), undefined)).toEqual({ text: '{}' });
  });

  it('is read without a byte order mark', () => {
    expect(readEventFile(write(`\uFEFF${EVENT}`), undefined)).toEqual({ text: EVENT });
    expect(readEventFile(write(Buffer.from(`\uFEFF${EVENT}`, 'utf16le')), undefined)).toEqual({ text: EVENT });
  });
});

describe('wrong usage is', () => {
  it.each([
    ['a missing file', () => join(folder, 'missing.json'), /^There is no file \/.*missing\.json\.$/],
    ['a folder', () => folder, /is a directory: give an event file\.$/],
    ['an empty file', () => write('\n'), /event\.json is empty: it must hold an event as JSON\.$/],
    ['no JSON', () => write('{"key": 1'), /event\.json does not hold an event, which is a JSON object\.$/],
    ['JSON that is no object', () => write('[{}]'), /does not hold an event/],
    ['bytes that are no text', () => write(Buffer.of(0xff, 0xfd, 0x00)), /does not hold an event/],
    [
      'an unknown placeholder',
      () => write(EVENT.replaceAll('API_KEY', 'MY_KEY')),
      /^There is no placeholder \{\{MY_KEY\}\}: use one of API_KEY, .*, ACCESS_TOKEN, /,
    ],
    ['the id of a token, which has none', () => write('{"id":"{{ACCESS_TOKEN_ID}}"}'), /^There is no placeholder/],
  ])('%s', (_, file, message) => {
    expect(() => readEventFile(file(), undefined)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(message) }),
    );
  });

  it('a case that the file does not have', () => {
    const known = /api-key-valid\.json has no case bearer-valid\. Its cases: api-key-valid, api-key-expiring, /;
    expect(() => readEventFile(sample('api-key-valid'), 'bearer-valid')).toThrow(known);
    expect(() => readEventFile(write(EVENT), 'api-key-valid')).toThrow(
      /Its cases: none, since it is not one of events/,
    );
  });

  it('told without a part of the file, which may hold a credential', () => {
    expect(() => readEventFile(write('{"Authorization": gp_live_x}'), undefined)).toThrow(/^(?!.*gp_live)/);
  });
});
