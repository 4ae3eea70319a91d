import { openTable } from '../src/table/table.ts';
import { type Bundles, entryOf } from './bundles.ts';
import { eventWith } from './events.ts';
import type { Job } from './job.ts';
import { accountWithImportedKey, accountWithKeys, anotherSecretOf, IMPORTED_PREFIX, writeItems } from './keys.ts';
import { type Scene, TABLE } from './scene.ts';
import { runWarm, type WarmRow } from './warm.ts';

const LIBRARIES = ['aws-jwt-verify', 'jose', 'jsonwebtoken', 'fast-jwt'] as const;

/** Decisions of functions that have been at it for a while, each with its line of the log. */
export async function measureWarm(
  job: Job,
  scene: Scene,
  { ours, peers, warmProcess }: Bundles,
  tell: (line: string) => void,
): Promise<WarmRow[]> {
  const many = (make: () => string) => Array.from({ length: job.smoke ? 5 : 200 }, () => eventWith(make()));
  const written = await writeKeys();
  const token = {
    credential: 'token',
    events: many(() => `Bearer ${scene.token()}`),
    isAllowed: true,
    forged: eventWith(`Bearer ${scene.forged()}`),
  };
  const forged = eventWith(`${scene.key}x`);
  const key = { credential: 'key', events: many(() => scene.key), isAllowed: true, forged };
  const imported = { credential: 'imported key', events: many(() => written.imported), isAllowed: true, forged };
  const refusedKeys = [
    ['malformed key', `${scene.key}x`, 'api_key.malformed'],
    ['unknown key', written.unknown, 'api_key.unknown'],
    ['key with a wrong secret', written.wrongSecret, 'api_key.secret'],
    ['disabled key', written.disabled, 'api_key.inactive'],
    ['expired key', written.expired, 'api_key.expired'],
  ] as const;
  const refusedTokens = [
    ['expired token', () => scene.token({ exp: 1 }), 'token.expired'],
    ['forged token', scene.forged, 'token.signature'],
  ] as const;
  const importing = { GATEPASS_IMPORTED_PREFIXES: IMPORTED_PREFIX };
  const function_ = { module: entryOf(ours), env: {} };
  const inMemory = 'Gatepass, table in memory';
  const byTls = 'Gatepass, table by TLS';

  tell(`warm: ${job.rounds} rounds`);
  return runWarm(warmProcess, job, scene, [
    { ...token, name: 'the floor: verify() of node:crypto alone', by: 'floor' },
    { ...token, name: 'Gatepass', by: function_ },
    {
      ...token,
      name: 'Gatepass, accounts and revocations checked, table in memory',
      by: { inMemory: { GATEPASS_ACCOUNT_CHECK: 'all' } },
    },
    { ...key, name: inMemory, by: { inMemory: {} } },
    { ...imported, name: inMemory, by: { inMemory: importing } },
    { ...key, name: byTls, by: function_ },
    { ...imported, name: byTls, by: { ...function_, env: importing } },
    ...refusedKeys.map(([credential, value, reason]) => {
      const refused = { credential, reason, events: many(() => value), isAllowed: false };
      return { ...refused, name: inMemory, by: { inMemory: {} } };
    }),
    ...refusedTokens.map(([credential, make, reason]) => {
      const refused = { credential, reason, events: many(() => `Bearer ${make()}`), isAllowed: false };
      return { ...refused, name: 'Gatepass', by: function_ };
    }),
    ...LIBRARIES.map((name) => ({ ...token, name: `${name}, plainly`, by: { module: entryOf(peers[name]), env: {} } })),
  ]);
}

/** Writes a key of another system, and keys that are refused. */
async function writeKeys() {
  const [imported, good] = [accountWithImportedKey(), accountWithKeys(1)];
  const [disabled, expired] = [accountWithKeys(1, { active: false }), accountWithKeys(1, { expiresAt: 1 })];
  const table = openTable(TABLE);
  await writeItems(
    table,
    [imported, good, disabled, expired].flatMap(({ items }) => items),
  );
  table.client.destroy();
  const keyId = good.key.split('_')[2] ?? '';
  return {
    imported: imported.key,
    disabled: disabled.key,
    expired: expired.key,
    wrongSecret: anotherSecretOf(keyId),
    unknown: anotherSecretOf(`${keyId.slice(0, -4)}0000`), // of an account that is there
  };
}
