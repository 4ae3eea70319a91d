import { describe, expect, it } from 'vitest';
import { type Config, parseConfig } from '../../../src/config/config.ts';
import { Fault } from '../../../src/fault.ts';

const REQUIRED = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: 'https://id.example.com/realms/main',
  GATEPASS_AUDIENCE: 'my-api',
};

function parse(changes: Record<string, string | undefined> = {}): Config {
  return parseConfig({ ...REQUIRED, ...changes });
}

/** The problems that parsing reports, one a line. */
function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ reason: 'fault.configuration' });
    const [head, ...problems] = String(error instanceof Error && error.message).split('\n  - ');
    expect(head).toBe('The configuration is not valid:');
    return problems;
  }
  return [];
}

function problemsWith(changes: Record<string, string | undefined>): readonly string[] {
  return problemsOf({ ...REQUIRED, ...changes });
}

describe('the configuration', () => {
  it('has a default for all but the table, the issuer and the audience', () => {
    expect(parse()).toStrictEqual({
      table: 'gatepass',
      issuer: 'https://id.example.com/realms/main',
      audience: ['my-api'],
      clients: 'any',
      jwksUri: 'https://id.example.com/realms/main/protocol/openid-connect/certs',
      jwksTimeoutMs: 2000,
      keyPrefix: 'gp',
      environment: 'live',
      importedPrefixes: [],
      accountCheck: 'keys',
      policyConditions: 'on',
      tableAtStart: 'on',
    } satisfies Config);
  });

  it('is what all variables say', () => {
    const config = parse({
      GATEPASS_AUDIENCE: 'my-api, other-api',
      GATEPASS_CLIENTS: 'my-web,my-cli',
      GATEPASS_JWKS_URI: 'https://keycloak.internal:8443/certs?x=1',
      GATEPASS_JWKS_TIMEOUT_MS: '3500',
      GATEPASS_KEY_PREFIX: 'acme2',
      GATEPASS_ENVIRONMENT: 'test1',
      GATEPASS_IMPORTED_PREFIXES: 'sk_ , ch-',
      GATEPASS_ACCOUNT_CHECK: 'all',
      GATEPASS_POLICY_CONDITIONS: 'off',
      GATEPASS_TABLE_AT_START: 'off',
    });
    expect(config).toStrictEqual({
      table: 'gatepass',
      issuer: 'https://id.example.com/realms/main',
      audience: ['my-api', 'other-api'],
      clients: ['my-web', 'my-cli'],
      jwksUri: 'https://keycloak.internal:8443/certs?x=1',
      jwksTimeoutMs: 3500,
      keyPrefix: 'acme2',
      environment: 'test1',
      importedPrefixes: ['sk_', 'ch-'],
      accountCheck: 'all',
      policyConditions: 'off',
      tableAtStart: 'off',
    } satisfies Config);
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = {
      GATEPASS_CLIENTS: '',
      GATEPASS_JWKS_URI: '',
      GATEPASS_JWKS_TIMEOUT_MS: '',
      GATEPASS_KEY_PREFIX: '',
      GATEPASS_ENVIRONMENT: '',
      GATEPASS_IMPORTED_PREFIXES: '',
      GATEPASS_ACCOUNT_CHECK: '',
      GATEPASS_UNHEARD_OF: '',
    };
    expect(parse(empty)).toStrictEqual(parse());
    expect(problemsWith({ GATEPASS_AUDIENCE: '' })).toStrictEqual(problemsWith({ GATEPASS_AUDIENCE: undefined }));
  });

  it('has nothing to do with variables of other names', () => {
    expect(parse({ AWS_REGION: 'eu-west-1', XGATEPASS_TABLE: 'x', gatepass_table: 'x', PATH: '/bin' })).toStrictEqual(
      parse(),
    );
  });
});

describe('a good value', () => {
  it.each(['abc', 'Gatepass_1.table-x', 'x'.repeat(1024), 'arn:aws:dynamodb:eu-west-1:123456789012:table/gatepass'])(
    'of GATEPASS_TABLE is a name or an ARN: %s',
    (table) => {
      expect(parse({ GATEPASS_TABLE: table })).toMatchObject({ table });
    },
  );

  it.each([
    'https://id.example.com/realms/main',
    'https://id.example.com',
    'https://id.example.com:8443/auth/realms/main',
    'http://localhost:8080/realms/main',
    'http://127.0.0.1:8080/realms/main',
    'http://127.255.255.254/realms/main',
    'http://[::1]:8080/realms/main',
  ])('of GATEPASS_ISSUER is an https URL, or http on loopback, kept as it is: %s', (issuer) => {
    expect(parse({ GATEPASS_ISSUER: issuer })).toMatchObject({
      issuer,
      jwksUri: `${issuer}/protocol/openid-connect/certs`,
    });
  });

  it.each([500, 4000])('of GATEPASS_JWKS_TIMEOUT_MS is %i', (milliseconds) => {
    expect(parse({ GATEPASS_JWKS_TIMEOUT_MS: String(milliseconds) })).toMatchObject({ jwksTimeoutMs: milliseconds });
  });

  it('of GATEPASS_JWKS_URI stands for itself, whatever the issuer', () => {
    for (const uri of ['https://a.internal/', 'http://localhost:1/c', 'http://127.0.0.1/c', 'http://[::1]/c?d=e']) {
      expect(parse({ GATEPASS_JWKS_URI: uri })).toMatchObject({ jwksUri: uri, issuer: REQUIRED.GATEPASS_ISSUER });
    }
  });

  it.each([
    ['*', 'any'],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['https://api.example.com', ['https://api.example.com']],
    ['a*', ['a*']],
  ])('of a list is %s', (text, list) => {
    expect(parse({ GATEPASS_AUDIENCE: text })).toMatchObject({ audience: list });
    expect(parse({ GATEPASS_CLIENTS: text })).toMatchObject({ clients: list });
    expect(parse({ GATEPASS_IMPORTED_PREFIXES: text })).toMatchObject({ importedPrefixes: list });
  });

  it.each(['a', 'gp', 'g2p', 'x'.repeat(16)])('of GATEPASS_KEY_PREFIX is %s', (keyPrefix) => {
    expect(parse({ GATEPASS_KEY_PREFIX: keyPrefix })).toMatchObject({ keyPrefix });
  });

  it.each(['l', 'live', '2test', '0', 'x'.repeat(32)])('of GATEPASS_ENVIRONMENT is %s', (environment) => {
    expect(parse({ GATEPASS_ENVIRONMENT: environment })).toMatchObject({ environment });
  });

  it.each(['keys', 'all'])('of GATEPASS_ACCOUNT_CHECK is %s', (accountCheck) => {
    expect(parse({ GATEPASS_ACCOUNT_CHECK: accountCheck })).toMatchObject({ accountCheck });
  });
});

describe('a bad value', () => {
  it.each(['"my-api"', "'a','b'", '["a","b"]', 'a,"b"', '"*"'])(
    'of a list has quotes or brackets, which an env file or JSON brought along: %s',
    (list) => {
      for (const name of ['GATEPASS_AUDIENCE', 'GATEPASS_CLIENTS', 'GATEPASS_IMPORTED_PREFIXES']) {
        expect(problemsWith({ [name]: list })[0]).toMatch(`${name} must have no quotes and no brackets, for example`);
      }
    },
  );

  it.each(['ab', 'x'.repeat(1025), 'gate pass', 'gatepass\n', 'gäste'])('of GATEPASS_TABLE is %j', (table) => {
    expect(problemsWith({ GATEPASS_TABLE: table })).toStrictEqual([
      'GATEPASS_TABLE must be the name or the ARN of a DynamoDB table, for example gatepass',
    ]);
  });

  const INSECURE = [
    'id.example.com/realms/main',
    '/realms/main',
    'http://id.example.com/realms/main',
    'http://192.168.0.1/realms/main',
    'http://127.0.0.1.example.com/realms/main',
    'http://localhost.example.com/realms/main',
    'http://128.0.0.1/realms/main',
    'http://[::2]/realms/main',
    'ftp://localhost/realms/main',
    'file:///realms/main',
    'javascript:alert(1)',
    'https://user@id.example.com/realms/main',
    'https://user:password@id.example.com/realms/main',
    'http://:password@localhost/realms/main',
  ];

  it.each(INSECURE)('of GATEPASS_ISSUER is %s', (issuer) => {
    expect(problemsWith({ GATEPASS_ISSUER: issuer })).toStrictEqual([
      'GATEPASS_ISSUER must be an https URL (http only on loopback) without a password, for example https://id.example.com/realms/main',
    ]);
  });

  it.each(['499', '4001', '2000.5', '2e3', '-2000', ' 2000', '0x7d0', '2 s', '9999999999'])(
    'of GATEPASS_JWKS_TIMEOUT_MS is %s',
    (milliseconds) => {
      expect(problemsWith({ GATEPASS_JWKS_TIMEOUT_MS: milliseconds })).toStrictEqual([
        'GATEPASS_JWKS_TIMEOUT_MS must be whole milliseconds from 500 to 4000, for example 3000',
      ]);
    },
  );

  it.each(INSECURE)('of GATEPASS_JWKS_URI is %s', (uri) => {
    expect(problemsWith({ GATEPASS_JWKS_URI: uri })).toStrictEqual([
      'GATEPASS_JWKS_URI must be an https URL (http only on loopback) without a password, for example ' +
        'https://keycloak.internal/realms/main/protocol/openid-connect/certs',
    ]);
  });

  it.each([
    'https://id.example.com/realms/main/',
    'https://id.example.com/',
    'https://id.example.com/realms/main?x=1',
    'https://id.example.com/realms/main?',
    'https://id.example.com/realms/main#x',
  ])('of GATEPASS_ISSUER is one that no token could have: %s', (issuer) => {
    expect(problemsWith({ GATEPASS_ISSUER: issuer })).toStrictEqual([
      'GATEPASS_ISSUER must be exactly the "iss" of your tokens: no trailing slash, query or fragment, ' +
        'for example https://id.example.com/realms/main',
    ]);
  });

  it.each([' ', ',', 'a,', ',a', 'a,,b', 'a, ,b', '*,a', 'a,*', '*,*', ' * '])('of a list is %j', (text) => {
    const examples = {
      GATEPASS_AUDIENCE: 'my-api',
      GATEPASS_CLIENTS: 'my-web,my-cli',
      GATEPASS_IMPORTED_PREFIXES: 'sk_,ch_',
    };
    for (const [name, example] of Object.entries(examples)) {
      expect(problemsWith({ [name]: text })).toStrictEqual([
        `${name} has an empty entry, or * beside others, for example ${example}`,
      ]);
    }
  });

  it.each(['GP', 'Gp', '2gp', 'g-p', 'g_p', 'gp_', ' gp', 'gp\n', 'é', 'x'.repeat(17)])(
    'of GATEPASS_KEY_PREFIX is %j',
    (prefix) => {
      expect(problemsWith({ GATEPASS_KEY_PREFIX: prefix })).toStrictEqual([
        'GATEPASS_KEY_PREFIX must be at most 16 lower-case letters and digits, a letter first, for example gp',
      ]);
    },
  );

  it.each(['Live', 'LIVE', 'li-ve', 'li_ve', ' live', 'live\n', 'é', 'x'.repeat(33)])(
    'of GATEPASS_ENVIRONMENT is %j',
    (environment) => {
      expect(problemsWith({ GATEPASS_ENVIRONMENT: environment })).toStrictEqual([
        'GATEPASS_ENVIRONMENT must be at most 32 lower-case letters and digits, for example live',
      ]);
    },
  );

  it.each(['ALL', 'none', 'true', 'keys,all'])('of GATEPASS_ACCOUNT_CHECK is %s', (check) => {
    expect(problemsWith({ GATEPASS_ACCOUNT_CHECK: check })).toStrictEqual([
      'GATEPASS_ACCOUNT_CHECK must be keys or all, for example all',
    ]);
  });

  it('of GATEPASS_TABLE_AT_START is no', () => {
    expect(problemsWith({ GATEPASS_TABLE_AT_START: 'no' })).toStrictEqual([
      'GATEPASS_TABLE_AT_START must be on or off, for example off',
    ]);
  });

  it.each(['OFF', 'false', 'on,off'])('of GATEPASS_POLICY_CONDITIONS is %s', (conditions) => {
    expect(problemsWith({ GATEPASS_POLICY_CONDITIONS: conditions })).toStrictEqual([
      'GATEPASS_POLICY_CONDITIONS must be on or off, for example off',
    ]);
  });

  it('of GATEPASS_IMPORTED_PREFIXES is one that starts like the keys of ours', () => {
    expect(problemsWith({ GATEPASS_IMPORTED_PREFIXES: 'sk_,gp_,gp_old' })).toStrictEqual([
      'GATEPASS_IMPORTED_PREFIXES has gp_, but what starts with gp_ is always a key of ours',
      'GATEPASS_IMPORTED_PREFIXES has gp_old, but what starts with gp_ is always a key of ours',
    ]);
    expect(problemsWith({ GATEPASS_IMPORTED_PREFIXES: 'gp_', GATEPASS_KEY_PREFIX: 'acme' })).toStrictEqual([]);
    expect(problemsWith({ GATEPASS_IMPORTED_PREFIXES: 'gp,gpx_' })).toStrictEqual([]);
    expect(problemsWith({ GATEPASS_IMPORTED_PREFIXES: '*' })).toStrictEqual([]);
  });
});

describe('an error about the configuration', () => {
  it('names each required variable that is missing, with an example', () => {
    expect(problemsOf({})).toStrictEqual([
      'GATEPASS_TABLE is missing (the DynamoDB table), for example gatepass',
      "GATEPASS_ISSUER is missing (the realm's URL, exactly as in iss), for example https://id.example.com/realms/main",
      'GATEPASS_AUDIENCE is missing (allowed aud values, comma-separated, or * for any), for example my-api',
    ]);
  });

  it('holds all problems at once', () => {
    const problems = problemsOf({
      GATEPASS_TABEL: 'gatepass',
      GATEPASS_ISSUER: 'http://id.example.com/',
      GATEPASS_AUDIENCE: 'a,',
      GATEPASS_KEY_PREFIX: '2',
      GATEPASS_ACCOUNT_CHECK: 'some',
    });
    expect(problems.map((problem) => problem.split(' ', 3).join(' '))).toStrictEqual([
      'GATEPASS_TABEL is not',
      'GATEPASS_TABLE is missing',
      'GATEPASS_ISSUER must be',
      'GATEPASS_ISSUER must be',
      'GATEPASS_AUDIENCE has an',
      'GATEPASS_KEY_PREFIX must be',
      'GATEPASS_ACCOUNT_CHECK must be',
    ]);
  });

  it('tells of values that conflict even where others are missing', () => {
    expect(problemsOf({ ...REQUIRED, GATEPASS_TABLE: undefined, GATEPASS_IMPORTED_PREFIXES: 'eyJ' })).toStrictEqual([
      'GATEPASS_TABLE is missing (the DynamoDB table), for example gatepass',
      'GATEPASS_IMPORTED_PREFIXES has eyJ, but tokens start with eyJ and would be taken for keys',
    ]);
  });

  it.each(['GATEPASS_TABEL', 'GATEPASS_', 'GATEPASS_table', 'GATEPASS_AUDIENCES', 'GATEPASS_toString'])(
    'names an unknown variable and those there are: %s',
    (name) => {
      expect(problemsWith({ [name]: 'x' })).toStrictEqual([
        `${name} is not a variable of this function: use one of GATEPASS_TABLE, GATEPASS_ISSUER, GATEPASS_AUDIENCE, ` +
          'GATEPASS_CLIENTS, GATEPASS_JWKS_URI, GATEPASS_JWKS_TIMEOUT_MS, GATEPASS_KEY_PREFIX, GATEPASS_ENVIRONMENT, ' +
          'GATEPASS_IMPORTED_PREFIXES, GATEPASS_ACCOUNT_CHECK, GATEPASS_POLICY_CONDITIONS, GATEPASS_TABLE_AT_START',
      ]);
    },
  );
});
