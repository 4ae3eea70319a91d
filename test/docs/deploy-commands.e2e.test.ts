import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_AUDIENCE } from '../../src/local/demo-tokens.ts';
import { LOCAL_ISSUER, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { LOCAL_AWS, LOCAL_TABLE } from '../../src/local/embedded-table.ts';
import { startKeptTable } from '../../src/local/kept-table.ts';
import { createCheckout } from '../support/checkout.ts';
import { codeBlocks, readText, section } from './markdown.ts';

const PAGE = readText('docs/deploy.md');
const BLOCKS = codeBlocks(PAGE, 'sh');

describe('the commands of docs/deploy.md', () => {
  it('use no variable that the page has not set before', () => {
    const set = new Set<string>();
    for (const block of BLOCKS) {
      for (const line of block.split('\n')) {
        const used = [...line.replaceAll(/'[^']*'/g, '').matchAll(/\$\{?([A-Z]\w*)/g)].map(([, name = '']) => name);
        expect(
          used.filter((name) => !set.has(name)),
          line,
        ).toEqual([]);
        for (const [, name = ''] of line.matchAll(/(?:^|\s)([A-Z]\w*)=/g)) set.add(name);
      }
    }
    expect(set.size).toBeGreaterThan(8);
  });
});

describe('the first calls of docs/deploy.md, on the local gateway', () => {
  const { folder, env, startGateway, remove } = createCheckout();
  const stops: (() => unknown)[] = [remove];
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  let output: string;
  const asked: string[] = [];

  beforeAll(async () => {
    const { base } = await startGateway();
    const kept = join(folder, '.gatepass');
    const [table, issuer] = [await startKeptTable(kept), await startEmbeddedIssuer(join(kept, 'realm-key.pem'))];
    stops.push(table.stop, issuer.stop);
    const now = Math.floor(Date.now() / 1000);
    const user = { iss: LOCAL_ISSUER, sub: 'user-of-the-page', aud: DEMO_AUDIENCE, azp: 'demo-web', typ: 'Bearer' };
    const token = await issuer.sign({ ...user, iat: now, exp: now + 300 });
    const realm = createServer(async (request, response) => {
      asked.push(`${request.method} ${request.url} ${await text(request)}`);
      response.end(JSON.stringify({ access_token: token }));
    });
    await once(realm.listen(0, '127.0.0.1'), 'listening');
    stops.push(() => realm.close());

    // A stand-in for the aws command, which is asked for outputs alone.
    mkdirSync(join(folder, 'bin'));
    const aws = `case "$*" in *TableName*) echo ${LOCAL_TABLE};; *ExampleApiUrl*) echo ${base};; *) exit 1;; esac`;
    writeFileSync(join(folder, 'bin/aws'), `#!/bin/sh\n${aws}\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'secret.txt'), 'made-for-this-test');
    // A TCP server's address is never a string.
    const issuerUrl = `http://127.0.0.1:${(realm.address() as AddressInfo).port}/realms/main`;
    const script = ['## Deploy', '## A token', '## The first user, the first key, the first call', '## Test it']
      .map((heading) => codeBlocks(section(PAGE, heading), 'sh'))
      .flatMap(([first = '', second = ''], index) => (index === 0 ? second : first))
      .join('\n')
      .replace('https://id.example.com/realms/main', issuerUrl);
    const { stdout } = await promisify(execFile)('sh', ['-euc', script], {
      cwd: folder,
      env: {
        ...env,
        ...LOCAL_AWS,
        AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
        PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`,
      },
    });
    output = stdout;
  });

  it('get a token by the file of the secret', () => {
    expect(asked).toEqual([
      'POST /realms/main/protocol/openid-connect/token ' +
        'grant_type=client_credentials&client_id=demo-service&client_secret=made-for-this-test',
    ]);
  });

  it('are let in by key and by token, as the same user', () => {
    expect(output.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(output.match(/"userId":\s*"user-of-the-page"/g)).toHaveLength(2);
    expect(output).toMatch(/"authMethod":\s*"api_key"[\s\S]*"authMethod":\s*"bearer"/);
  });

  it('pass the smoke test', () => {
    expect(output).toMatch(/ passed, 0 failed/);
  });
});
