import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PageFiles, readPageFiles } from '../../../src/self-service/page-files.ts';

const SETTINGS = {
  issuer: 'https://id.example.com/realms/main',
  clientId: 'gatepass-keys-page',
  exampleUrl: 'https://a/',
};

let folder: string;
let page: PageFiles;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-page-'));
  writeFileSync(join(folder, 'index.html'), '<p data-base="{{base}}" data-client="{{clientId}}">{{issuer}}</p>');
  writeFileSync(join(folder, 'main.0a1b.js'), 'run()');
  writeFileSync(join(folder, 'main.0a1b.css'), 'p {}');
  writeFileSync(join(folder, 'icon.0a1b.svg'), '<svg/>');
  writeFileSync(join(folder, 'main.0a1b.js.map'), '{}');
  page = readPageFiles(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** On whatever the function answers. */
const STRICT = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

describe('the page', () => {
  it('is kept nowhere, framed nowhere, and runs and reaches nothing but its own origin and the realm', () => {
    const { statusCode, headers } = page.html(SETTINGS, '/prod/keys');
    expect(statusCode).toBe(200);
    const { 'Content-Security-Policy': policy, ...others } = { ...headers };
    expect(others).toStrictEqual({
      ...STRICT,
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
    expect(String(policy).split('; ')).toStrictEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self' https://id.example.com",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('has the address of the output SelfServiceUrl to the letter, as it is the redirect URI', () => {
    const template = readFileSync(new URL('../../../template.yaml', import.meta.url), 'utf8');
    const [, url = ''] = /^ {2}SelfServiceUrl:\n(?:.*\n)*? {4}Value: !Sub (\S+)$/m.exec(template) ?? [];
    expect(url).toMatch(/URLSuffix}\/prod\/keys$/);
  });

  it('has its settings written into it, and none of them is markup', () => {
    const { body } = page.html({ ...SETTINGS, clientId: `"'><script>&` }, '/prod/keys');
    expect(body).toBe(
      '<p data-base="/prod/keys" data-client="&#34;&#39;&#62;&#60;script&#62;&#38;">https://id.example.com/realms/main</p>',
    );
  });
});

describe('a file of the page', () => {
  it.each([
    ['main.0a1b.js', 'text/javascript; charset=utf-8'],
    ['main.0a1b.css', 'text/css; charset=utf-8'],
    ['icon.0a1b.svg', 'image/svg+xml'],
  ])('%s is kept for ever, since its name changes with its content', (name, type) => {
    expect(page.file(name)?.headers).toStrictEqual({
      ...STRICT,
      'Content-Type': type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });

  it.each(['index.html', 'main.js', 'main.0a1b.js.map', '../handler.ts', '', '__proto__'])('is not %j', (name) => {
    expect(page.file(name)).toBeUndefined();
  });

  it('is missed at the start, if it is the page itself', () => {
    const empty = mkdtempSync(join(tmpdir(), 'gatepass-page-'));
    expect(() => readPageFiles(empty)).toThrow('npm run build');
    rmSync(empty, { recursive: true });
  });
});
