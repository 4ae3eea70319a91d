import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, expect, it } from 'vitest';
import { buildAuthorizer, sizesByPackage } from '../../scripts/authorizer-bundle.mjs';
import { LOCAL_AWS, LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { bundleOf, startLocalFunction } from '../../src/local/local-function.ts';
import { loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { AUDIENCE, ISSUER } from '../support/realm.ts';

const BUILT = join(bundleOf('authorizer'), '..');
const ELSEWHERE = mkdtempSync(join(tmpdir(), 'gatepass-bundle-'));
const SDK = 'sdk-reads.mjs';

const start = useGatepass();

afterAll(() => rmSync(ELSEWHERE, { recursive: true }));

it('is the files that its metafile names and nothing else, of which the entry loads one: that with the SDK', async () => {
  const { metafile } = await buildAuthorizer({ write: false });
  const sizes = sizesByPackage(metafile);
  expect(readdirSync(BUILT).sort()).toEqual(Object.keys(sizes).sort());
  expect(Object.keys(sizes).sort()).toEqual(['index.mjs', SDK]);
  const isSdk = (name: string) => /^(@aws|@smithy)/.test(name);
  expect(Object.keys(sizes['index.mjs'] ?? {}).filter(isSdk)).toEqual([]);
  expect(Object.keys(sizes[SDK] ?? {})).toContain('@aws-sdk/client-dynamodb');
});

it('runs in a folder of its own, wherever that is', async () => {
  const gatepass = start();
  const { key } = await gatepass.seed.user().then((userId) => gatepass.seed.key(userId));
  const instance = await startCopy(gatepass, 'whole');
  try {
    const { result } = await instance.invoke(loadEvent('api-key-valid', key));
    expect(result?.context).toMatchObject({ authMethod: 'api_key' });
  } finally {
    await instance.stop();
  }
});

it('fails a decision whose chunk can not be loaded, decides what needs none, and loads it when it can', async () => {
  const gatepass = start();
  const { key } = await gatepass.seed.user().then((userId) => gatepass.seed.key(userId));
  const event = loadEvent('api-key-valid', key);
  const chunk = join(ELSEWHERE, 'torn', SDK);
  const instance = await startCopy(gatepass, 'torn', () => renameSync(chunk, `${chunk}.away`));
  try {
    const failed = await instance.invoke(event);
    expect(failed.error).toMatchObject({ name: 'Fault' });
    expect(JSON.parse(failed.log.at(-1) ?? '')).toMatchObject({ outcome: 'fault', reason: 'fault.table' });
    const refused = await instance.invoke(loadEvent('api-key-valid', 'gp_live_malformed'));
    expect(refused.result?.context).toMatchObject({ denyError: 'invalid_api_key' });

    renameSync(`${chunk}.away`, chunk);

    const { result } = await instance.invoke(event);
    expect(result?.context).toMatchObject({ authMethod: 'api_key' });
  } finally {
    await instance.stop();
  }
});

it('loads nothing of Node that a read of the table has no use for', async () => {
  const program = `
    const before = new Set(process.moduleLoadList);
    const { openReads } = await import(${JSON.stringify(join(BUILT, SDK))});
    const options = { abortSignal: AbortSignal.timeout(5000) };
    const key = { pk: 'account#1', sk: 'account' };
    const failed = await openReads().get({ TableName: 'gatepass', Key: key }, options).catch((error) => error);
    console.log(JSON.stringify({ code: failed.code, loaded: process.moduleLoadList.filter((name) => !before.has(name)) }));
    process.exit();`;
  const env = { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: 'https://127.0.0.1:9' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  const { code, loaded } = v.parse(v.object({ code: v.string(), loaded: v.array(v.string()) }), JSON.parse(stdout));
  expect(code).toBe('ECONNREFUSED');
  expect(loaded.filter((name) => /webstreams|undici/.test(name))).toEqual([]);
  // With node:fs and node:fs/promises comes all of readline.
  const { outputs } = (await buildAuthorizer({ write: false })).metafile;
  const imported = outputs[`dist/authorizer/${SDK}`]?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  expect([...new Set(imported.map(({ path }) => path))].sort()).toEqual([
    ...['node:crypto', 'node:https', 'node:os', 'node:stream'],
  ]);
});

/** @param change what is done to the copy before it starts. */
function startCopy({ table }: Gatepass, folder: string, change = () => {}) {
  cpSync(BUILT, join(ELSEWHERE, folder), { recursive: true });
  change();
  const env = {
    ...LOCAL_AWS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    GATEPASS_TABLE: LOCAL_TABLE,
    GATEPASS_ISSUER: ISSUER,
    GATEPASS_AUDIENCE: AUDIENCE,
    GATEPASS_JWKS_URI: 'http://127.0.0.1:9/certs',
  };
  return startLocalFunction(env, { bundle: join(ELSEWHERE, folder, 'index.mjs') });
}
