import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FileRefused } from '../../../../src/accounts/import/decode.ts';
import { type Format, type Line, readLines } from '../../../../src/accounts/import/read-lines.ts';

async function read(text: string | Buffer, format: Format, chunkSize = 7, options = {}): Promise<readonly Line[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  const lines: Line[] = [];
  for await (const line of readLines(Readable.from(chunks), format, options)) lines.push(line);
  return lines;
}

const MISMATCH = 'it has more or fewer cells than the header';
const NO_OBJECT = 'it is not a JSON object';

describe('CSV', () => {
  it('is read by its header, whatever the order', async () => {
    expect(await read('key,userId\nk1,ada\nk2,bob\n', 'csv')).toEqual([
      { number: 2, raw: { key: 'k1', userId: 'ada' } },
      { number: 3, raw: { key: 'k2', userId: 'bob' } },
    ]);
  });

  it.each([
    ['CRLF', 'userId,key\r\nada,k1\r\n'],
    ['no line break at its end', 'userId,key\nada,k1'],
    ['a byte order mark', '\ufeffuserId,key\nada,k1\n'],
    ['spaces around its cells', 'userId , key\n ada,k1 \n'],
    ['quotes', '"userId","key"\n"ada","k1"\n'],
  ])('is read the same with %s', async (_, text) => {
    expect(await read(text, 'csv')).toEqual([{ number: 2, raw: { userId: 'ada', key: 'k1' } }]);
  });

  it('has commas, quotes and line breaks in quoted cells', async () => {
    expect(await read('userId,name\nada,"a, ""b"""\nbob,"one\ntwo"\n', 'csv')).toEqual([
      { number: 2, raw: { userId: 'ada', name: 'a, "b"' } },
      { number: 4, raw: { userId: 'bob', name: 'one\ntwo' } },
    ]);
  });

  it('has empty lines, which count and are passed over', async () => {
    expect(await read('userId\n\nada\n\n\nbob\n', 'csv')).toEqual([
      { number: 3, raw: { userId: 'ada' } },
      { number: 6, raw: { userId: 'bob' } },
    ]);
  });

  it('has lines with a cell too few or too many, which stop nothing', async () => {
    expect(await read('userId,key\nada\nbob,k2,more\ncy,k3\n', 'csv')).toEqual([
      { number: 2, problem: MISMATCH },
      { number: 3, problem: MISMATCH },
      { number: 4, raw: { userId: 'cy', key: 'k3' } },
    ]);
  });

  it('has letters of more than one byte, though they be cut in two', async () => {
    const text = 'userId,firstName\nada,Žofie 🦀\n';
    for (const size of [1, 2, 3, 1000]) {
      expect(await read(text, 'csv', size)).toEqual([{ number: 2, raw: { userId: 'ada', firstName: 'Žofie 🦀' } }]);
    }
  });

  it('may have a header alone', async () => {
    expect(await read('userId,key\n', 'csv')).toEqual([]);
  });

  it.each(['', '\n', '\ufeff', ' \r\n'])('is refused without even a header: %j', async (text) => {
    expect(await whyRefused(text)).toBe('The file is empty: it needs a header, as userId,key,name.');
  });

  it.each([
    ['\r alone', 'userId,key\rada,k1\rbob,k2\r'],
    ['ends of several kinds', 'userId,key\r\nada,k1\nbob,k2\r'],
  ])('is read with lines that end in %s', async (_, text) => {
    expect(await read(text, 'csv')).toEqual([
      { number: 2, raw: { userId: 'ada', key: 'k1' } },
      { number: 3, raw: { userId: 'bob', key: 'k2' } },
    ]);
  });

  it('of several files put together has a header in between, which is no user, and their byte order marks', async () => {
    expect(await read('userId,key\nada,k1\n\ufeffUserId,key\n\ufeffbob,k2\n', 'csv', 1000)).toEqual([
      { number: 2, raw: { userId: 'ada', key: 'k1' } },
      { number: 3, problem: 'it is the header once more' },
      { number: 4, raw: { userId: 'bob', key: 'k2' } },
    ]);
  });

  it('that is JSON is told so', async () => {
    for (const text of ['{"userId":"ada","key":"k1"}\n', '[{"userId":"ada"}]\n']) {
      expect(await whyRefused(text)).toMatch(/^The file can't be read on from line 1: .* give --format jsonl\.$/);
    }
  });

  it('ends with the error of its stream', async () => {
    const lost = new Error('the disk is gone');
    const input = Readable.from(
      (async function* () {
        yield Buffer.from('userId\nada\n');
        throw lost;
      })(),
    );
    const all = async () => {
      for await (const _ of readLines(input, 'csv'));
    };
    await expect(all()).rejects.toBe(lost);
  });
});

describe('JSON lines', () => {
  it('are read as they are', async () => {
    const raw = { userId: 'ada', roles: ['editor'], active: false, expiresAt: 1_795_508_130 };
    expect(await read(`${JSON.stringify(raw)}\n{"userId":"bob"}`, 'jsonl')).toEqual([
      { number: 1, raw },
      { number: 2, raw: { userId: 'bob' } },
    ]);
  });

  it('may begin with a byte order mark', async () => {
    expect(await read('\ufeff{"userId":"ada"}\n', 'jsonl')).toEqual([{ number: 1, raw: { userId: 'ada' } }]);
  });

  it('may end with CRLF, also where a chunk ends in between', async () => {
    for (const size of [1, 2, 15, 16, 17]) {
      expect(await read('{"userId":"a"}\r\n{"userId":"b"}\r\n', 'jsonl', size)).toEqual([
        { number: 1, raw: { userId: 'a' } },
        { number: 2, raw: { userId: 'b' } },
      ]);
    }
  });

  it('that are none stop nothing and are told without what they hold', async () => {
    const bad = [
      '{"userId":"eve", "key":"sk_secret',
      '{"userId":"eve"},',
      '[1]',
      'null',
      '"text"',
      '7',
      'userId,key',
      '{} {}',
    ];
    const lines = await read(`{"userId":"ada"}\n${bad.join('\n')}\n\n{"userId":"bob"}\n`, 'jsonl');
    expect(lines).toEqual([
      { number: 1, raw: { userId: 'ada' } },
      ...bad.map((_, index) => ({ number: index + 2, problem: NO_OBJECT })),
      { number: bad.length + 3, raw: { userId: 'bob' } },
    ]);
  });

  it.each([
    ['a list', '[{"userId":"ada","key":"sk_secret"},{"userId":"bob"}]\n'],
    ['a list over several lines', '[\n{"userId":"ada","key":"sk_secret"},\n{"userId":"bob"}\n]\n'],
    ['an object over several lines', '\n{\n  "userId": "ada",\n  "key": "sk_secret"\n}\n'],
    ['CSV', 'userId,key\nada,sk_secret\n'],
  ])('are refused once for all where the first is none: %s', async (_, text) => {
    const why = await whyRefused(text, 'jsonl');
    expect(why).toMatch(/^Line [12] is not a JSON object, and each line must be one\. .* jq -c /);
    expect(why).not.toContain('secret');
  });

  it('are none in an empty file', async () => {
    expect(await read('', 'jsonl')).toEqual([]);
    expect(await read('\n \n', 'jsonl')).toEqual([]);
  });
});

/** Why a file is refused as a whole. */
async function whyRefused(text: string | Buffer, format: Format = 'csv', options = {}): Promise<string> {
  const error: unknown = await read(text, format, 7, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof FileRefused)) throw new Error('It was not refused.', { cause: error });
  return error.message;
}

describe('an encoding', () => {
  const rows = 'userId,firstName\nada,José 🦀\nbob,Žofie\n';
  const expected = [
    { number: 2, raw: { userId: 'ada', firstName: 'José 🦀' } },
    { number: 3, raw: { userId: 'bob', firstName: 'Žofie' } },
  ];
  const utf16 = Buffer.from(`\ufeff${rows}`, 'utf16le');

  it.each([
    ['UTF-8', Buffer.from(rows)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${rows}`)],
    ['UTF-16 with the smaller byte first', utf16],
    ['UTF-16 with the bigger byte first', Buffer.from(utf16).swap16()],
  ])('is read: %s', async (_, bytes) => {
    for (const size of [1, 2, 3, 5, 1000]) expect(await read(bytes, 'csv', size)).toEqual(expected);
  });

  it('of JSON lines may be UTF-16, too', async () => {
    const bytes = Buffer.from('\ufeff{"userId":"josé"}\r\n{"userId":"Ž"}', 'utf16le');
    expect(await read(bytes, 'jsonl')).toEqual([
      { number: 1, raw: { userId: 'josé' } },
      { number: 2, raw: { userId: 'Ž' } },
    ]);
  });

  it.each(['csv', 'jsonl'] as const)('that is not UTF-8 is refused by its first line, in %s', async (format) => {
    const good = format === 'csv' ? 'userId\nada\n' : '{"userId":"ada"}\n{"userId":"bob"}\n';
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from('jos\xe9\nz\xe9\n', 'latin1')]);
    for (const size of [1, 4, 1000]) {
      const lines: Line[] = [];
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const all = async () => {
        for await (const line of readLines(Readable.from(chunks), format)) lines.push(line);
      };
      await expect(all()).rejects.toThrow(/^Line 3 is not UTF-8\. Convert the file, as by: iconv -f WINDOWS-1252 /);
    }
  });

  it('does not make two names one: a cut-off letter at the end is refused', async () => {
    expect(await whyRefused(Buffer.from('userId\njos\xc3', 'latin1'))).toMatch(/^Line 2 is not UTF-8/);
  });

  it.each([
    ['UTF-16LE', Buffer.from(rows, 'utf16le')],
    ['UTF-16BE', Buffer.from(rows, 'utf16le').swap16()],
  ])('that is %s without a byte order mark is refused, and named', async (encoding, bytes) => {
    expect(await whyRefused(bytes)).toMatch(
      new RegExp(`^Line 1 is not UTF-8\\. Convert the file, as by: iconv -f ${encoding} -t UTF-8 `),
    );
  });

  it('that is none is told by what it is', async () => {
    expect(await whyRefused(gzipSync(rows))).toMatch(/^The file is compressed by gzip: import what "zcat FILE" gives/);
    const zip = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x08, 0xff]);
    expect(await whyRefused(zip)).toMatch(/^The file is a ZIP archive or a workbook: .* save the sheet as CSV/);
    expect(await whyRefused('userId\nada\0\n')).toBe('Line 2 holds a NUL character, which no text has: take it out.');
  });

  it('that is UTF-16 up to a half letter is refused', async () => {
    expect(await whyRefused(Buffer.concat([utf16, Buffer.from([0x41])]))).toMatch(/^The file begins as UTF-16/);
  });
});

describe('a line', () => {
  it('of more than 1 MB is none', async () => {
    const long = (length: number) => read(`userId\n${'x'.repeat(length)}\n`, 'csv', 65_536);
    expect(await long(1024 * 1024)).toHaveLength(1);
    await expect(long(1024 * 1024 + 65_536)).rejects.toThrow(
      'A line after line 1 is longer than 1 MB, or its end is no line feed.',
    );
  });

  it('of JSON that names something twice is told, for only one of the two could count', async () => {
    const twice = 'it names something twice, and only one of the two could count';
    expect(
      await read('{"userId":"ada","userId":"eve"}\n{"userId":"\\"key\\":","key":"\\\\","roles":["a:","b"]}\n', 'jsonl'),
    ).toEqual([
      { number: 1, problem: twice },
      { number: 2, raw: { userId: '"key":', key: '\\', roles: ['a:', 'b'] } },
    ]);
    expect(await read('{"key":"a","\\u006bey":"b"}', 'jsonl')).toEqual([{ number: 1, problem: twice }]);
    expect(await read('{"key":{"key":"a"},"name":"b"}', 'jsonl')).toEqual([
      { number: 1, raw: { key: { key: 'a' }, name: 'b' } },
    ]);
  });
});

describe('a header', () => {
  it.each([
    ['userId,key,userId', /^The header, line 1, has the column userId twice: which of them counts\?/],
    ['key,name', /^The header, line 1, has no userId: add it, or give --user ID/],
    ['userId;key;name', /^The header, line 1, is not separated by commas\. Save the file as CSV with commas\./],
    ['userId\tkey', /is not separated by commas/],
    ['userId|key', /is not separated by commas/],
    [
      'ada,sk_4f3c2b1a',
      /^The header, line 1, names no column of an import\. Put a header above the lines, as userId,key,name\./,
    ],
    [
      'user_id,Hash,enabled,Note,r2',
      /names columns that an import has not: user_id, Hash, enabled, Note, \(number 5\)\. This would do: userId,keyHash,active\./,
    ],
    [
      'userId,,4/5,',
      /has not: \(number 2, which has no name\), \(number 3\), \(number 4, which has no name\)\. This would do: userId\./,
    ],
    [
      'Name,key,description,Enabled,usageplanIds',
      /This would do: userId,name,key,active\. For an API key file of AWS, give --from aws\.$/,
    ],
  ])('is refused once, for all lines, with one that would do: %s', async (header, why) => {
    expect(await whyRefused(`${header}\na,b,c\n`)).toMatch(why);
  });

  it('holds nothing that may be a key', async () => {
    expect(await whyRefused('userId,sk_4f3c2b1a9d8e7f60,hunter2\n')).not.toMatch(/4f3c|hunter/);
  });

  it('needs no userId where all lines have an owner', async () => {
    expect(await read('key\nk1\n', 'csv', 7, { hasOwner: true })).toEqual([{ number: 2, raw: { key: 'k1' } }]);
  });

  it('is, of JSON lines, what the first of them names', async () => {
    expect(await whyRefused('\n{"user_id":"ada","hash":"x"}\n', 'jsonl')).toMatch(
      /has not: user_id, hash\. This would do: userId,keyHash\./,
    );
    expect(await read('{"userId":"ada"}\n{"mail":"x"}', 'jsonl')).toHaveLength(2);
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
describe("AWS's own API key file", () => {
  it('has its columns in any order and case, and others that are passed over', async () => {
    const file =
      'Enabled,Name,KEY,UsageplanIds,userId\ntrue,MyFirstApiKey,apikey1234abcdefghij0123456789,"c7y23b,glvrsr",ada\n';
    expect(await read(file, 'aws')).toEqual([
      {
        number: 2,
        raw: { active: 'true', name: 'MyFirstApiKey', key: 'apikey1234abcdefghij0123456789', userId: 'ada' },
      },
    ]);
  });

  it('needs an owner for its keys, of whom it says nothing', async () => {
    const file = 'Key,name\napikey1234abcdefghij0123456789,MyFirstApiKey\n';
    expect(await whyRefused(file, 'aws')).toMatch(/has no userId: add it, or give --user ID/);
    expect(await read(file, 'aws', 7, { hasOwner: true })).toEqual([
      { number: 2, raw: { key: 'apikey1234abcdefghij0123456789', name: 'MyFirstApiKey' } },
    ]);
  });

  it('is told from others', async () => {
    expect(await whyRefused('userId,secret\na,b\n', 'aws')).toMatch(
      /is not that of AWS's API key file, which has Name/,
    );
  });
});
