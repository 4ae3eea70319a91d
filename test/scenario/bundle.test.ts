import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, expect, it } from 'vitest';
import { buildAuthorizer, filesAtStart, sizesByPackage } from '../../scripts/authorizer-bundle.mjs';
import { LOCAL_AWS, LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { bundleOf, startLocalFunction } from '../../src/local/local-function.ts';
import { loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { AUDIENCE, ISSUER } from '../support/realm.ts';

const BUILT = join(bundleOf('authorizer'), '..');
const ELSEWHERE = mkdtempSync(join(tmpdir(), 'gatepass-bundle-'));
const TABLE = 'open-store.mjs';
const SHARED = 'chunk.mjs';

const start = useGatepass();

afterAll(() => rmSync(ELSEWHERE, { recursive: true }));

it('is the files that its metafile names and nothing else; a start waits for none with a package in it', async () => {
  const { metafile } = await buildAuthorizer({ write: false });
  const sizes = sizesByPackage(metafile);
  expect(readdirSync(BUILT).sort()).toEqual(Object.keys(sizes).sort());
  expect(Object.keys(sizes).sort()).toEqual([SHARED, 'index.mjs', TABLE]);
  expect(filesAtStart(metafile)).toEqual(['index.mjs', SHARED]);
  for (const file of filesAtStart(metafile)) {
    expect(Object.keys(sizes[file] ?? {})).toEqual(['src', 'between the parts']);
  }
  const packages = Object.keys(sizes[TABLE] ?? {});
  expect(packages).toEqual(expect.arrayContaining(['@smithy/signature-v4', 'valibot']));
  // docs/adr/0045
  expect(packages.filter((name) => /client-dynamodb|lib-dynamodb/.test(name))).toEqual([]);
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
  const chunk = join(ELSEWHERE, 'torn', TABLE);
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
    const { openStore } = await import(${JSON.stringify(join(BUILT, TABLE))});
    const trace = { deadline: Date.now() + 5000, tableRequests: 0 };
    const failed = await openStore({ table: 'gatepass', now: Date.now }).findAccount('1', trace).catch((error) => error);
    console.log(JSON.stringify({ code: failed.cause.code, loaded: process.moduleLoadList.filter((name) => !before.has(name)) }));
    process.exit();`;
  const env = { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: 'https://127.0.0.1:9' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  const { code, loaded } = v.parse(v.object({ code: v.string(), loaded: v.array(v.string()) }), JSON.parse(stdout));
  expect(code).toBe('ECONNREFUSED');
  expect(loaded.filter((name) => /webstreams|undici/.test(name))).toEqual([]);
  // With node:fs and node:fs/promises comes all of readline.
  const { outputs } = (await buildAuthorizer({ write: false })).metafile;
  const imported =
    outputs[`dist/authorizer/${TABLE}`]?.imports.filter(
      ({ kind, external }) => external && kind === 'import-statement',
    ) ?? [];
  expect([...new Set(imported.map(({ path }) => path))].sort()).toEqual([
    ...['node:crypto', 'node:https', 'node:stream'],
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
