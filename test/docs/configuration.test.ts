import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { formatProblem, readVariables } from '../../src/config/read-variables.ts';
import { AUTHORIZER_VARIABLES } from '../../src/config/variables/authorizer.ts';
import { LOGOUT_VARIABLES } from '../../src/config/variables/logout.ts';
import { SELF_SERVICE_VARIABLES } from '../../src/config/variables/self-service.ts';
import { SYNC_VARIABLES } from '../../src/config/variables/sync.ts';
import { USAGE_VARIABLES } from '../../src/config/variables/usage.ts';
import type { Variable, Variables } from '../../src/config/variables/variable.ts';
import { type Row, readText, section, tableRows } from './markdown.ts';

/** One bad value for each variable that may be left out. */
const BAD = {
  GATEPASS_POLICY_CONDITIONS: 'x',
  GATEPASS_TABLE_AT_START: 'x',
  GATEPASS_CLIENTS: 'a,,b',
  GATEPASS_JWKS_URI: 'http://keycloak.internal/certs',
  GATEPASS_JWKS_TIMEOUT_MS: '4001',
  GATEPASS_KEY_PREFIX: 'GP',
  GATEPASS_ENVIRONMENT: 'Live',
  GATEPASS_IMPORTED_PREFIXES: 'sk_,*',
  GATEPASS_ACCOUNT_CHECK: 'some',
};

const PAGE = readText('docs/configuration.md');
const AUTHORIZER = tableRows(PAGE.slice(0, PAGE.indexOf('\n## ')));
const SYNC = tableRows(section(PAGE, '## The sync'));
const USAGE = tableRows(section(PAGE, '## Usage'));
const LOGOUT = tableRows(section(PAGE, '## The receiver of logouts'));
const SELF_SERVICE = tableRows(section(PAGE, '## Self-service'));

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  const read = readConfig(env);
  return 'problems' in read ? read.problems.map(formatProblem) : [];
}

function defaultOf(name: string, variable: Variable): string {
  if (name === 'GATEPASS_JWKS_URI') return 'from the issuer';
  return variable.default ?? (variable.isOptional ? 'none' : 'required');
}

/** A column of the table of variables, as the docs must have it. */
function column(
  variables: Variables,
  of: (name: string, variable: Variable) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, of(name, variable)]));
}

function documented(rows: readonly Row[], name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map((row) => [row['variable'], (row[name] ?? '').replaceAll('`', '')]));
}

describe.each([
  ['docs/configuration.md', AUTHORIZER, AUTHORIZER_VARIABLES],
  ['docs/configuration.md, of the sync', SYNC, SYNC_VARIABLES],
  ['docs/configuration.md, of usage', USAGE, USAGE_VARIABLES],
  ['docs/configuration.md, of the receiver of logouts', LOGOUT, LOGOUT_VARIABLES],
  ['docs/configuration.md, of self-service', SELF_SERVICE, SELF_SERVICE_VARIABLES],
])('the variables in %s', (_page, rows, variables) => {
  it('are those that the code knows, in its order', () => {
    expect(rows.map(({ variable }) => variable)).toEqual(Object.keys(variables));
  });

  it('have the defaults that the code has', () => {
    expect(documented(rows, 'default')).toEqual(column(variables, defaultOf));
  });
});

it.each([
  ['docs/configuration.md', AUTHORIZER, AUTHORIZER_VARIABLES],
  ['docs/configuration.md, of the sync', SYNC, SYNC_VARIABLES],
  ['docs/configuration.md, of usage', USAGE, USAGE_VARIABLES],
  ['docs/configuration.md, of the receiver of logouts', LOGOUT, LOGOUT_VARIABLES],
  ['docs/configuration.md, of self-service', SELF_SERVICE, SELF_SERVICE_VARIABLES],
])('%s gives the meanings that the commands give', (_page, rows, variables) => {
  expect(documented(rows, 'meaning')).toEqual(column(variables, (_name, { meaning }) => meaning));
});

describe('docs/configuration.md', () => {
  it.each([
    [AUTHORIZER, AUTHORIZER_VARIABLES],
    [SYNC, SYNC_VARIABLES],
    [USAGE, USAGE_VARIABLES],
    [SELF_SERVICE, SELF_SERVICE_VARIABLES],
  ])('gives the examples that the errors give, and they are accepted', (rows, variables) => {
    const examples = column(variables, (_name, { example }) => example);
    expect(documented(rows, 'example')).toEqual(examples);
    expect(readVariables(variables, examples)).toHaveProperty('values');
  });

  it.each(Object.keys(AUTHORIZER_VARIABLES))('quotes an error of %s to the letter', (name) => {
    const [, quoted = ''] = /^Error: `(.*)`$/m.exec(section(PAGE, `## \`${name}\``)) ?? [];
    expect(quoted).toContain(name);
    expect(problemsOf(BAD)).toContain(quoted);
  });
});
