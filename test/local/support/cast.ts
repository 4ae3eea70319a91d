import { hashApiKey } from '../../../src/key-format/hash.ts';
import { SECOND } from '../../support/moved-clock.ts';
import type { Realm } from '../../support/realm.ts';
import { makeKey, withOtherSecret } from '../../support/seed.ts';
import {
  changeAccount,
  changeKey,
  EMPTY_TABLE,
  putAccount,
  putImported,
  putKey,
  type TableState,
} from './memory-table.ts';

/** Everything that a sequence of requests may present, and everything that may happen to it meanwhile. */
export interface Cast {
  /** The `Authorization` values of one request: none, one or several. */
  readonly credentials: Readonly<Record<CredentialName, readonly string[]>>;
  readonly changes: Readonly<Record<ChangeName, (state: TableState, nowMs: number) => TableState>>;
  readonly table: TableState;
}

export const CREDENTIAL_NAMES = [
  ...['key', 'key behind Bearer', 'key, sent twice', 'expiring key', 'key expiring later', 'imported key'],
  ...['replaced secret', 'renewed secret', 'replaced secret of an expiring key'],
  ...['key with networks', 'expiring key with networks'],
  ...['key of a disabled user', 'unknown key', 'wrong secret'],
  ...['ending token', 'token ending later', 'long token', 'token to begin', 'forged token', 'ID token'],
  ...['garbage', 'garbage behind Bearer', 'basic', 'scheme alone', 'scheme and spaces', 'empty', 'none', 'conflict'],
] as const;
export type CredentialName = (typeof CREDENTIAL_NAMES)[number];

export const CHANGE_NAMES = [
  ...['revoke the key', 'restore the key', 'revoke the networked', 'restore the networked'],
  ...['move the networks', 'restore the networks', 'cut the grace', 'end the key soon'],
  ...['disable the user', 'enable the user', 'disable the other', 'enable the other'],
  ...['lose the table', 'find the table'],
] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];

const NETWORKS = ['192.0.2.0/24', '2001:db8::/32'];

export async function createCast(realm: Realm, startMs: number): Promise<Cast> {
  const start = startMs / SECOND;
  const [ada, bob] = ['user-ada', 'user-bob'];
  const key = makeKey(ada);
  const expiring = makeKey(ada);
  const later = makeKey(ada);
  const rotated = makeKey(ada);
  const renewed = withOtherSecret(rotated);
  const rotatedExpiring = makeKey(ada);
  const networked = makeKey(ada);
  const networkedExpiring = makeKey(ada);
  const ofBob = makeKey(bob);
  const imported = { ...makeKey(ada), key: 'legacy_0123456789abcdef' };

  let table = EMPTY_TABLE;
  table = putAccount(table, { userId: ada, active: true });
  table = putAccount(table, { userId: bob, active: false });
  table = putKey(table, { userId: ada, ...key });
  table = putKey(table, { userId: ada, ...expiring }, { expiresAt: start + 47 });
  table = putKey(table, { userId: ada, ...later }, { expiresAt: start + 200 });
  const hash = hashApiKey(renewed);
  const grace = (replaced: { readonly key: string }) => ({ hash, replacedHash: hashApiKey(replaced.key) });
  table = putKey(table, { userId: ada, ...rotated }, { ...grace(rotated), replacedUntil: start + 80 });
  const twoEnds = { ...grace(rotatedExpiring), replacedUntil: start + 100, expiresAt: start + 65 };
  table = putKey(table, { userId: ada, ...rotatedExpiring }, twoEnds);
  table = putKey(table, { userId: ada, ...networked }, { allowedNetworks: NETWORKS });
  table = putKey(table, { userId: ada, ...networkedExpiring }, { allowedNetworks: NETWORKS, expiresAt: start + 110 });
  table = putKey(table, { userId: bob, ...ofBob });
  table = putImported(putKey(table, { userId: ada, ...imported }), imported.key, imported.keyId);

  const token = async (change: Readonly<Record<string, unknown>>) => `Bearer ${await realm.token(change)}`;
  const long = await token({ exp: start + 3600 });
  const [header, , signature] = long.split('.');
  const claims = Buffer.from(JSON.stringify(realm.claims({ sub: 'root' }))).toString('base64url');

  return {
    table,
    credentials: {
      key: [key.key],
      'key behind Bearer': [`Bearer ${key.key}`],
      'key, sent twice': [key.key, key.key],
      'expiring key': [expiring.key],
      'key expiring later': [later.key],
      'imported key': [imported.key],
      'replaced secret': [rotated.key],
      'renewed secret': [renewed],
      'replaced secret of an expiring key': [rotatedExpiring.key],
      'key with networks': [networked.key],
      'expiring key with networks': [networkedExpiring.key],
      'key of a disabled user': [ofBob.key],
      'unknown key': [makeKey(ada).key],
      'wrong secret': [withOtherSecret(key)],
      'ending token': [await token({ exp: start + 20 })],
      'token ending later': [await token({ exp: start + 150 })],
      'long token': [long],
      'token to begin': [await token({ nbf: start + 75, exp: start + 3600 })],
      'forged token': [`${header}.${claims}.${signature}`],
      'ID token': [await token({ typ: 'ID' })],
      garbage: ['garbage'],
      'garbage behind Bearer': ['Bearer garbage'],
      basic: ['Basic dXNlcjpwYXNz'],
      'scheme alone': ['Bearer'],
      'scheme and spaces': ['bearer   '],
      empty: [''],
      none: [],
      conflict: [key.key, 'garbage'],
    },
    changes: {
      'revoke the key': (state) => changeKey(state, key.keyId, { active: false }),
      'restore the key': (state) => changeKey(state, key.keyId, { active: true }),
      'revoke the networked': (state) => changeKey(state, networked.keyId, { deleted: true }),
      'restore the networked': (state) => changeKey(state, networked.keyId, { deleted: false }),
      'move the networks': (state) => changeKey(state, networked.keyId, { allowedNetworks: ['198.51.100.0/24'] }),
      'restore the networks': (state) => changeKey(state, networked.keyId, { allowedNetworks: NETWORKS }),
      'cut the grace': (state, now) => changeKey(state, rotated.keyId, { replacedUntil: Math.floor(now / SECOND) }),
      'end the key soon': (state, now) => changeKey(state, key.keyId, { expiresAt: Math.floor(now / SECOND) + 30 }),
      'disable the user': (state) => changeAccount(state, ada, { active: false }),
      'enable the user': (state) => changeAccount(state, ada, { active: true }),
      'disable the other': (state) => changeAccount(state, bob, { active: false }),
      'enable the other': (state) => changeAccount(state, bob, { active: true }),
      'lose the table': (state) => ({ ...state, isReachable: false }),
      'find the table': (state) => ({ ...state, isReachable: true }),
    },
  };
}
