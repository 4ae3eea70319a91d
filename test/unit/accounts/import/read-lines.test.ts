import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Line, readLines } from '../../../../src/accounts/import/read-lines.ts';

async function read(text: string, format: 'csv' | 'jsonl', chunkSize = 7): Promise<readonly Line[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  const lines: Line[] = [];
  for await (const line of readLines(Readable.from(chunks), format)) lines.push(line);
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

  it.each(['', '\n', 'userId,key\n'])('has no lines: %j', async (text) => {
    expect(await read(text, 'csv')).toEqual([]);
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
    const bad = ['{"userId":"ada", "key":"sk_secret', '[1]', 'null', '"text"', '7', 'userId,key', '{} {}'];
    const lines = await read(`${bad.join('\n')}\n\n{"userId":"bob"}\n`, 'jsonl');
    expect(lines).toEqual([
      ...bad.map((_, index) => ({ number: index + 1, problem: NO_OBJECT })),
      { number: bad.length + 2, raw: { userId: 'bob' } },
    ]);
  });

  it('are none in an empty file', async () => {
    expect(await read('', 'jsonl')).toEqual([]);
    expect(await read('\n \n', 'jsonl')).toEqual([]);
  });
});
