import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, openAdmin } from '../../src/accounts/index.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { A_HASH } from '../support/secrets.ts';
import { codeBlocks, ROOT, readText } from './markdown.ts';

const LIBRARY = pathToFileURL(join(ROOT, 'dist/lib/admin/index.mjs')).href;

const folder = mkdtempSync(join(ROOT, 'node_modules/.gatepass-dashboard-'));
let table: EmbeddedTable;
let server: Server;
let base: string;

beforeAll(async () => {
  table = await startEmbeddedTable();
  const admin = openAdmin({ table: table.table });
  for (const userId of ['ada', 'grace']) await createAccount(admin, { userId });

  const [code = ''] = codeBlocks(readText('docs/dashboards.md'), 'ts');
  const { code: script } = await transform(code, { loader: 'ts', format: 'esm' });
  writeFileSync(join(folder, 'dashboard.mjs'), script.replace('gatepass/admin', LIBRARY));
  // What the page shows, whose types test/scenario/package.test.ts compiles.
  const { createDashboard }: { createDashboard(...parts: readonly unknown[]): RequestListener } = await import(
    join(folder, 'dashboard.mjs')
  );
  const userOf = async (request: { headers: NodeJS.Dict<string | string[]> }) => request.headers['x-session'];
  server = createServer(createDashboard(admin, userOf));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A TCP server's address is never a string.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await table.stop();
  rmSync(folder, { recursive: true });
});

async function ask(method: string, path: string, user?: string, body?: string, site = 'same-origin') {
  const headers = { 'sec-fetch-site': site, ...(user && { 'x-session': user }) };
  const response = await fetch(`${base}${path}`, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

describe('the dashboard in docs/dashboards.md', () => {
  it('makes a key, which is seen this once, and lists it', async () => {
    const made = await ask('POST', '/keys', 'ada', '{"name":"CI"}');
    expect(made).toEqual({ status: 201, body: { key: expect.stringMatching(/^gp_live_/), keyId: expect.any(String) } });
    const { body } = await ask('GET', '/keys', 'ada');
    expect(body).toMatchObject([{ keyId: made.body.keyId, name: 'CI', userId: 'ada' }]);
    expect(JSON.stringify(body)).not.toMatch(A_HASH);
    expect(JSON.stringify(body)).not.toContain('gp_live_');
  });

  it("has another's key not there, and deletes one's own", async () => {
    const { body } = await ask('POST', '/keys', 'ada', '{"name":"laptop"}');
    const path = `/keys/${body.keyId}`;
    expect(await ask('DELETE', path, 'grace')).toEqual({ status: 404, body: { error: 'key_not_found' } });
    expect(await ask('GET', '/keys', 'grace')).toEqual({ status: 200, body: [] });
    expect(await ask('DELETE', path, 'ada')).toEqual({ status: 204, body: undefined });
  });

  it.each([
    ['who is not signed in', ['GET', '/keys'], 401, 'not_signed_in'],
    ['from another site', ['POST', '/keys', 'ada', '{"name":"x"}', 'cross-site'], 403, 'cross_site'],
    ['without a name', ['POST', '/keys', 'ada', '{}'], 400, 'invalid_input'],
    ['with a body that is no JSON', ['POST', '/keys', 'ada', 'name'], 400, 'not_json'],
    ['by a method that is not there', ['PUT', '/keys', 'ada', '{}'], 405, 'method_not_allowed'],
    ['at a path that is not there', ['GET', '/users', 'ada'], 404, 'not_found'],
    ['of a user without an account', ['POST', '/keys', 'nobody', '{"name":"x"}'], 404, 'user_not_found'],
  ] as const)('refuses one %s', async (_, [method, path, user, body, site], status, error) => {
    expect(await ask(method, path, user, body, site)).toEqual({ status, body: { error } });
  });
});
