import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { ENVIRONMENT, KEY_PREFIX } from '../key-format/format.ts';
import type { ImportedPrefixes } from '../key-format/imported.ts';

/** A comma-separated list without empty entries, or `*`, which must stand alone. */
const listOrAny = v.pipe(
  v.string(),
  v.check(
    (text) => text === '*' || entriesOf(text).every((entry) => entry !== '' && entry !== '*'),
    'has an empty entry, or * beside others',
  ),
  v.transform((text) => (text === '*' ? ('any' as const) : entriesOf(text))),
);

const issuer = v.pipe(
  v.string(),
  v.check(isSecureUrl, 'must be an https URL (http only on loopback)'),
  v.check(
    (text) => !/[?#]|\/$/.test(text),
    'must be exactly the "iss" of your tokens: no trailing slash, query or fragment',
  ),
);

const schema = v.object({
  GATEPASS_TABLE: v.pipe(v.string(), v.regex(/^[\w.:/-]{3,1024}$/, 'must be the name or the ARN of a DynamoDB table')),
  GATEPASS_ISSUER: issuer,
  GATEPASS_AUDIENCE: listOrAny,
  GATEPASS_CLIENTS: v.optional(listOrAny, '*'),
  GATEPASS_JWKS_URI: v.optional(
    v.pipe(v.string(), v.check(isSecureUrl, 'must be an https URL (http only on loopback)')),
  ),
  GATEPASS_KEY_PREFIX: v.optional(v.pipe(v.string(), v.regex(KEY_PREFIX.pattern, `must be ${KEY_PREFIX.rule}`)), 'gp'),
  GATEPASS_ENVIRONMENT: v.optional(
    v.pipe(v.string(), v.regex(ENVIRONMENT.pattern, `must be ${ENVIRONMENT.rule}`)),
    'live',
  ),
  GATEPASS_IMPORTED_PREFIXES: v.optional(listOrAny),
  GATEPASS_ACCOUNT_CHECK: v.optional(v.picklist(['keys', 'all'], 'must be keys or all'), 'keys'),
});

type Variable = keyof typeof schema.entries;

/** What a good value looks like, for the error message and for docs/configuration.md. */
const EXAMPLES: Record<Variable, string> = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: 'https://id.example.com/realms/main',
  GATEPASS_AUDIENCE: 'my-api (or * for any)',
  GATEPASS_CLIENTS: 'my-web,my-cli',
  GATEPASS_JWKS_URI: 'https://keycloak.internal/realms/main/protocol/openid-connect/certs',
  GATEPASS_KEY_PREFIX: 'gp',
  GATEPASS_ENVIRONMENT: 'live',
  GATEPASS_IMPORTED_PREFIXES: 'sk_,ch_',
  GATEPASS_ACCOUNT_CHECK: 'all',
};

export interface Config {
  readonly table: string;
  readonly issuer: string;
  readonly audience: readonly string[] | 'any';
  readonly clients: readonly string[] | 'any';
  readonly jwksUri: string;
  readonly keyPrefix: string;
  readonly environment: string;
  readonly importedPrefixes: ImportedPrefixes;
  readonly accountCheck: 'keys' | 'all';
}

/**
 * Reads the `GATEPASS_*` variables; an empty one counts as not set.
 *
 * @throws Fault `fault.configuration` with every problem at once: the variable, what is wrong, an example. An unknown
 *   `GATEPASS_*` name is a problem too, so that a misspelt variable doesn't become a default.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([name, value]) => name.startsWith('GATEPASS_') && value));
  const result = v.safeParse(schema, set);
  const problems = [
    ...Object.keys(set)
      .filter((name) => !(name in EXAMPLES))
      .map((name) => `${name} is not a variable of Gatepass: use one of ${Object.keys(EXAMPLES).join(', ')}`),
    ...(result.issues ?? []).map(describe),
    ...(result.success ? findConflicts(result.output) : []),
  ];
  if (!result.success || problems.length > 0) {
    const list = problems.map((problem) => `\n  - ${problem}`).join('');
    throw new Fault('fault.configuration', `The configuration is not valid:${list}`);
  }
  const values = result.output;
  return {
    table: values.GATEPASS_TABLE,
    issuer: values.GATEPASS_ISSUER,
    audience: values.GATEPASS_AUDIENCE,
    clients: values.GATEPASS_CLIENTS,
    jwksUri: values.GATEPASS_JWKS_URI ?? `${values.GATEPASS_ISSUER}/protocol/openid-connect/certs`,
    keyPrefix: values.GATEPASS_KEY_PREFIX,
    environment: values.GATEPASS_ENVIRONMENT,
    importedPrefixes: values.GATEPASS_IMPORTED_PREFIXES ?? [],
    accountCheck: values.GATEPASS_ACCOUNT_CHECK,
  };
}

function describe(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) as Variable; // every issue of a flat object is at one of its entries
  const problem = issue.input === undefined ? 'is missing' : issue.message;
  return `${name} ${problem}, for example ${EXAMPLES[name]}`;
}

function findConflicts({ GATEPASS_KEY_PREFIX, GATEPASS_IMPORTED_PREFIXES }: v.InferOutput<typeof schema>): string[] {
  const own = `${GATEPASS_KEY_PREFIX}_`;
  const imported = GATEPASS_IMPORTED_PREFIXES === 'any' ? [] : (GATEPASS_IMPORTED_PREFIXES ?? []);
  return imported.flatMap((prefix) => {
    if (prefix.startsWith(own)) {
      return [`GATEPASS_IMPORTED_PREFIXES has ${prefix}, but what starts with ${own} is always a key of ours`];
    }
    // A JWT's header begins with {" (RFC 7519, section 3.1, has an example).
    if (prefix.startsWith('eyJ') || 'eyJ'.startsWith(prefix)) {
      return [`GATEPASS_IMPORTED_PREFIXES has ${prefix}, but tokens start with eyJ and would be taken for keys`];
    }
    return [];
  });
}

function entriesOf(text: string): string[] {
  return text.split(',').map((entry) => entry.trim());
}

function isSecureUrl(text: string): boolean {
  // URL.parse alone would trim, and take a scheme in capitals or without its slashes.
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || isLoopback;
}
