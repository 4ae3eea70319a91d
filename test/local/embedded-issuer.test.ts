import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';

let folder: string;
const issuers: EmbeddedIssuer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-issuer-'));
});

afterEach(async () => {
  await Promise.all(issuers.splice(0).map((issuer) => issuer.stop()));
  rmSync(folder, { recursive: true });
});

async function start(): Promise<EmbeddedIssuer> {
  const issuer = await startEmbeddedIssuer(join(folder, 'realm-key.pem'));
  issuers.push(issuer);
  return issuer;
}

it('signs with the key that is kept, whichever program made it', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  expect(second.signingKid).toBe(first.signingKid);
  expect((await start()).signingKid).toBe(first.signingKid);
});

it('keeps nothing but the key, which nobody else may read', async () => {
  await start();
  expect(readdirSync(folder)).toEqual(['realm-key.pem']);
  expect(statSync(join(folder, 'realm-key.pem')).mode & 0o777).toBe(0o600);
});

it('says what to do about a file that holds no key', async () => {
  writeFileSync(join(folder, 'realm-key.pem'), 'x');
  await expect(start()).rejects.toThrow(/realm-key\.pem can't be used \(.*\)\. Remove \.gatepass\/ to start anew/);
});
