import { describe, expect, it } from 'vitest';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { readText, section, tableRows } from './markdown.ts';

/** One bad value for each variable that may be left out. */
const BAD = {
  GATEPASS_CLIENTS: 'a,,b',
  GATEPASS_JWKS_URI: 'http://keycloak.internal/certs',
  GATEPASS_KEY_PREFIX: 'GP',
  GATEPASS_ENVIRONMENT: 'Live',
  GATEPASS_IMPORTED_PREFIXES: 'sk_,*',
  GATEPASS_ACCOUNT_CHECK: 'some',
};

const REQUIRED = { GATEPASS_TABLE: 'gatepass', GATEPASS_ISSUER: 'https://id.example.com/realms/main' };

const README = tableRows(section(readText('README.md'), '## Configuration'));
const PAGE = readText('docs/configuration.md');
const TABLE = tableRows(PAGE);

function problemsOf(env: Readonly<Record<string, string>>): string {
  try {
    parseConfig(env);
  } catch (error) {
    return String(error);
  }
  return '';
}

/** What the code says when it meets a name that it doesn't know. */
function knownVariables(): readonly string[] {
  const [, list = ''] = /use one of (.*)/.exec(problemsOf({ GATEPASS_NO_SUCH: 'x' })) ?? [];
  return list.split(', ');
}

function defaults(): Readonly<Record<string, string>> {
  const config: Config = parseConfig({ ...REQUIRED, GATEPASS_AUDIENCE: '*' });
  const list = (value: readonly string[] | 'any') => (value === 'any' ? '*' : value.join(',') || 'none');
  return {
    GATEPASS_TABLE: 'required',
    GATEPASS_ISSUER: 'required',
    GATEPASS_AUDIENCE: 'required',
    GATEPASS_CLIENTS: list(config.clients),
    GATEPASS_JWKS_URI: config.jwksUri.startsWith(config.issuer) ? 'from the issuer' : '',
    GATEPASS_KEY_PREFIX: config.keyPrefix,
    GATEPASS_ENVIRONMENT: config.environment,
    GATEPASS_IMPORTED_PREFIXES: list(config.importedPrefixes),
    GATEPASS_ACCOUNT_CHECK: config.accountCheck,
  };
}

describe.each([
  ['README.md', README],
  ['docs/configuration.md', TABLE],
])('the variables in %s', (_page, rows) => {
  it('are those that the code knows', () => {
    expect(rows.map(({ variable }) => variable)).toEqual(knownVariables());
  });

  it('have the defaults that the code has', () => {
    const documented = Object.fromEntries(rows.map((row) => [row['variable'], row['default']]));
    expect(documented).toEqual(defaults());
  });
});

describe('docs/configuration.md', () => {
  it('gives examples that are accepted', () => {
    const examples = Object.fromEntries(TABLE.map((row) => [row['variable'], row['example'] ?? '']));
    expect(problemsOf(examples)).toBe('');
  });

  it.each(knownVariables())('quotes an error of %s to the letter', (name) => {
    const [, quoted = ''] = /^Error: `(.*)`$/m.exec(section(PAGE, `## \`${name}\``)) ?? [];
    expect(quoted).toContain(name);
    expect(problemsOf(BAD).split('\n  - ')).toContain(quoted);
  });

  it('calls required what is reported as missing', () => {
    const missing = problemsOf({}).match(/GATEPASS_\w+(?= is missing)/g);
    const required = TABLE.filter((row) => row['default'] === 'required').map(({ variable }) => variable);
    expect(required).toEqual(missing);
  });
});
