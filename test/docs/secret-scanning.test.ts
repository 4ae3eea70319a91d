import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { getKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { placeIn } from '../../src/accounts/leak/place.ts';
import { apiKeyPattern, createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { codeBlocks, ROOT, readText } from './markdown.ts';

const RULES = 'infra/attach/secret-scanning/gitleaks.toml';

/** The pattern of each rule, as it stands in its file. */
const PATTERNS = [
  ['gitleaks', RULES, /^regex = '''(.+)'''$/m],
  ['trufflehog', 'infra/attach/secret-scanning/trufflehog.yaml', /^ +key: '(.+)'$/m],
].map(([tool, file, line]) => [tool, new RegExp(line ?? '', 'm').exec(readText(String(file)))?.[1] ?? ''] as const);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-scanning-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function makeKey(environment = 'live'): string {
  return createApiKey({ prefix: 'gp', environment, keyId: createKeyId('user-42', randomBytes) }, randomBytes);
}

describe.each(PATTERNS)('the rule for %s', (_, pattern) => {
  it('is the published pattern', () => {
    expect(pattern).toBe(apiKeyPattern('gp'));
  });

  it('finds every key, whole, wherever it stands, and nothing that is cut off', () => {
    const rule = new RegExp(pattern);
    for (let made = 0; made < 2000; made++) {
      const key = makeKey(made % 2 === 0 ? 'live' : 'test1');
      expect(rule.exec(`x="${key}"; y`)?.[0]).toBe(key);
      expect(rule.test(key.slice(0, -1))).toBe(false);
    }
  });

  it('is one that an engine without backtracking takes, as theirs is: classes and counts alone', () => {
    expect(pattern.replaceAll(/\[[0-9A-Za-z-]+\](?:\+|\{\d+\})|[a-z_]/g, '')).toBe('');
  });
});

/** `GITLEAKS` names the program where it isn't on the path. */
const GITLEAKS = process.env['GITLEAKS'] ?? 'gitleaks';
const hasGitleaks = spawnSync(GITLEAKS, ['version']).status === 0;

it.runIf(hasGitleaks)('gitleaks finds keys by its rule, and its report tells where', () => {
  const key = makeKey();
  writeFileSync(join(folder, 'config.ts'), `// a key\nconst key = '${key}';\nconst other = '${key.slice(0, -1)}';\n`);
  const options = [
    '--config',
    RULES,
    '--no-banner',
    '--exit-code',
    '0',
    '--report-format',
    'json',
    '--report-path',
    '-',
  ];
  const report = execFileSync(GITLEAKS, ['dir', folder, ...options], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  const found: unknown[] = JSON.parse(report);
  expect(found).toMatchObject([{ RuleID: 'gatepass-api-key', Secret: key, StartLine: 2 }]);
  expect(placeIn(report, report.indexOf(key))).toBe(`${join(folder, 'config.ts')}:2`);
});

describe('the endpoint for GitHub in docs/leaked-key.md', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const published = {
    public_keys: [{ key_identifier: 'ours', key: publicKey, is_current: true }],
  };
  let embedded: EmbeddedTable;
  let handler: (event: object) => Promise<{ statusCode: number }>;

  beforeAll(async () => {
    for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
    embedded = await startEmbeddedTable();
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', embedded.endpoint);
    vi.stubEnv('GATEPASS_TABLE', LOCAL_TABLE);
    const [code = ''] = codeBlocks(readText('docs/leaked-key.md'), 'js');
    const file = join(folder, 'endpoint.mjs');
    const library = pathToFileURL(join(ROOT, 'dist/lib/admin/index.mjs')).href;
    writeFileSync(file, code.replace("'gatepass/admin'", JSON.stringify(library)));
    ({ handler } = await import(/* @vite-ignore */ pathToFileURL(file).href));
    expect(readFileSync(file, 'utf8')).toContain(library);
  });

  afterAll(() => embedded.stop());

  it('ends the keys of a message that GitHub signed, and of no other', async () => {
    vi.stubGlobal('fetch', async () => Response.json(published));
    const admin = openAdmin({ table: embedded.table });
    await createAccount(admin, { userId: 'ada' });
    const { key, item } = await createKey(admin, { userId: 'ada', name: 'CI' });
    const url = 'https://github.com/acme/app/blob/main/config.ts#L2';
    const body = JSON.stringify([{ token: key, type: 'acme_api_key', url, source: 'content' }]);
    const signature = sign('sha256', Buffer.from(body), privateKey).toString('base64');
    const headers = { 'Github-Public-Key-Identifier': 'ours', 'Github-Public-Key-Signature': signature };

    expect(await handler({ headers, body: `${body} ` })).toEqual({ statusCode: 403 });
    expect(await handler({ headers: { ...headers, 'Github-Public-Key-Identifier': 'x' }, body })).toMatchObject({
      statusCode: 403,
    });
    expect(await getKey(admin, item.keyId)).toMatchObject({ active: true });
    const event = { headers, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
    expect(await handler(event)).toEqual({ statusCode: 200 });
    expect(await getKey(admin, item.keyId)).toMatchObject({ active: false, disabledBy: 'leak', leakedWhere: url });
    vi.unstubAllGlobals();
  });
});
