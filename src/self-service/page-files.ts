import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { answer } from './answer.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What the page is told by the function that serves it. */
export interface PageSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly exampleUrl: string;
}

export interface PageFiles {
  /** The page itself. @param base its path as the browser sees it, without a slash at its end. */
  html(settings: PageSettings, base: string): APIGatewayProxyResult;
  /** A file of the page by its name, which changes with its content. Nothing for a name that is none of them. */
  file(name: string): APIGatewayProxyResult | undefined;
}

/** @param folder holds index.html and the files that it names, as the build writes them. */
export function readPageFiles(folder: string): PageFiles {
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const html = files.get('index.html');
  if (html === undefined) throw new Error(`There is no index.html in ${folder}: run "npm run build".`);
  files.delete('index.html');
  return {
    html(settings, base) {
      const policy = { 'Content-Security-Policy': contentSecurityPolicy(settings.issuer) };
      return answer(200, 'text/html; charset=utf-8', fill(html, { ...settings, base }), {
        ...policy,
        'Cross-Origin-Opener-Policy': 'same-origin',
      });
    },
    file(name) {
      const content = files.get(name);
      const type = TYPES[name.split('.').at(-1) ?? ''];
      if (content === undefined || type === undefined) return undefined;
      return answer(200, type, content, { 'Cache-Control': 'public, max-age=31536000, immutable' });
    },
  };
}

/**
 * Only our own files and the realm. Trusted Types let no text become script.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
function contentSecurityPolicy(issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function fill(html: string, settings: PageSettings & { readonly base: string }): string {
  return html.replace(/\{\{(base|issuer|clientId|exampleUrl)\}\}/g, (_, name: keyof typeof settings) =>
    settings[name].replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  );
}
