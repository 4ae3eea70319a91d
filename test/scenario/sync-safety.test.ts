import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disableAccount } from '../../src/accounts/account-state.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { disableKey } from '../../src/accounts/key-state.ts';
import { listKeys } from '../../src/accounts/keys.ts';
import { syncStateAt } from '../../src/table/realm-items.ts';
import { ISSUER, numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});

afterEach(() => scene.embedded.stop());

const admin = () => ({ table: scene.embedded.table, now: scene.clock.now });

describe('the safety stop', () => {
  it.each<[number, number, number | undefined, 'allowed' | 'held', string]>([
    [10, 3, undefined, 'allowed', 'three, whatever their share'],
    [40, 4, undefined, 'allowed', 'a tenth'],
    [39, 4, undefined, 'held', 'more than a tenth'],
    [10, 4, 0.4, 'allowed', 'the share that was set'],
    [10, 5, 0.4, 'held', 'more than the share that was set'],
    [10, 10, 1, 'allowed', 'all, if that is set'],
    [10, 4, 0, 'held', 'more than three, if none is set'],
  ])(
    'of %i accounts with keys, %i disabled at once with a share of %s are %s: %s',
    async (all, gone, share, outcome) => {
      await scene.givenUsersWithKeys(...numbered(all));
      for (const id of numbered(gone)) scene.realm.remove(id);
      const result = await scene.pass({ maxDisableShare: share }).catch((error: unknown) => error);
      if (outcome === 'allowed') expect(result).toMatchObject({ changes: { length: gone } });
      else expect(result).toMatchObject({ name: 'SyncError', code: 'safety_stop' });
      expect(await scene.activeOf(numbered(gone))).toHaveLength(outcome === 'held' ? gone : 0);
    },
  );

  it('judges a dry run too, and says what to allow', async () => {
    await scene.givenUsersWithKeys(...numbered(10));
    for (const id of numbered(4)) scene.realm.put(id, { enabled: false });
    await expect(scene.pass({ dryRun: true })).rejects.toThrow(
      /4 of 10 active accounts with live keys would be disabled .*0 users gone, 4 disabled.*--max-disable-share 40\.$/s,
    );
    expect(await scene.pass({ dryRun: true, maxDisableShare: 0.4 })).toMatchObject({ changes: { length: 4 } });
    expect(await scene.activeOf(numbered(10))).toHaveLength(10);
  });

  it('writes names, email, roles and who is enabled again all the same', async () => {
    await scene.givenUsersWithKeys(...numbered(10), 'ada', 'bob');
    scene.realm.put('ada', { enabled: false });
    await scene.pass();
    scene.clock.advance(1000);
    for (const id of numbered(4)) scene.realm.put(id, { enabled: false });
    scene.realm.put('ada', { enabled: true });
    scene.realm.put('bob', { email: 'bob@example.com' });
    await expect(scene.pass()).rejects.toMatchObject({ code: 'safety_stop' });
    expect(await scene.account('ada')).toMatchObject({ active: true });
    expect(await scene.account('bob')).toMatchObject({ email: 'bob@example.com' });
    expect(await scene.activeOf(numbered(4))).toHaveLength(4);
  });

  it('lets quick passes go on, which stop at what they see themselves, until it is allowed', async () => {
    await scene.givenUsersWithKeys(...numbered(10));
    await scene.pass();
    for (const id of numbered(4)) scene.realm.put(id, { enabled: false });
    for (const pass of ['quick', 'full', 'quick'] as const) {
      await expect(scene.pass({ pass, maxDisableShare: 0 })).rejects.toMatchObject({ code: 'safety_stop' });
      if (pass === 'full') break;
    }
    expect(await scene.item(syncStateAt(ISSUER))).toBeDefined();
    expect((await scene.pass({ pass: 'full', maxDisableShare: 0.4 })).changes).toHaveLength(4);
  });

  it('stops quick passes each time, and lets one do it when it is allowed to', async () => {
    await scene.givenUsersWithKeys(...numbered(10));
    await scene.pass();
    for (const id of numbered(4)) scene.realm.put(id, { enabled: false });
    await expect(scene.pass({ pass: 'quick' })).rejects.toMatchObject({ code: 'safety_stop' });
    await expect(scene.pass({ pass: 'quick' })).rejects.toMatchObject({ code: 'safety_stop' });
    expect((await scene.pass({ pass: 'quick', maxDisableShare: 0.4 })).changes).toHaveLength(4);
  });
});

describe('whom it judges', () => {
  const others = numbered(8);

  it('only accounts with live keys, where only keys are checked', async () => {
    await scene.givenUsersWithKeys('admin');
    await scene.givenUsers(...others);
    for (const id of ['admin', ...others]) scene.realm.remove(id);
    expect(await scene.pass()).toMatchObject({ changes: { length: 9 } });
  });

  it("all accounts too, where tokens are checked; those can't keep a key working", async () => {
    await scene.givenUsersWithKeys('admin');
    await scene.givenUsers(...others);
    for (const id of ['admin', ...others]) scene.realm.remove(id);
    const pass = scene.pass({ accountCheck: 'all' });
    await expect(pass).rejects.toThrow(
      /9 of 9 active accounts would be disabled .*Held back and as before: 8 .*Disabled all the same: 1\./s,
    );
    expect(await scene.activeOf(['admin', ...others])).toEqual(others);
  });

  it('and those with keys are held back without holding back the others', async () => {
    await scene.givenUsersWithKeys(...numbered(4));
    await scene.givenUsers('ada', ...Array.from({ length: 60 }, (_, index) => `more-${index}`));
    for (const id of ['ada', ...numbered(4)]) scene.realm.remove(id);
    await expect(scene.pass({ accountCheck: 'all' })).rejects.toThrow('4 of 4 active accounts with live keys would');
    expect(await scene.activeOf(['ada', ...numbered(4)])).toEqual(numbered(4));
  });

  it('nobody who deleted their own account, by the events of the realm', async () => {
    await scene.givenUsersWithKeys('admin', 'ada');
    await scene.givenUsers(...others);
    for (const id of ['admin', 'ada', ...others]) scene.realm.remove(id);
    scene.realm.selfDeleted$.push('somebody', ...others);
    expect(await scene.pass({ accountCheck: 'all' })).toMatchObject({ changes: { length: 10 } });
  });

  it('asks for those events only where it would stop, and goes without where it may not read them', async () => {
    await scene.givenUsersWithKeys(...numbered(10));
    for (const id of numbered(3)) scene.realm.remove(id);
    await scene.pass();
    expect(scene.realm.asked).not.toContain('self-deleted');
    scene.clock.advance(1000);
    scene.realm.keeps = 'not_allowed';
    for (const id of numbered(7)) scene.realm.remove(id);
    await expect(scene.pass()).rejects.toMatchObject({ code: 'safety_stop' });
    expect(scene.realm.asked).toContain('self-deleted');
  });

  it('believes the events of nobody who is there and disabled', async () => {
    await scene.givenUsersWithKeys(...numbered(10));
    for (const id of numbered(4)) scene.realm.put(id, { enabled: false });
    scene.realm.selfDeleted$.push(...numbered(4));
    await expect(scene.pass()).rejects.toMatchObject({ code: 'safety_stop' });
  });

  it('no key that is switched off, deleted or expired, and no account that is', async () => {
    await scene.givenUsersWithKeys(...numbered(44), 'ada');
    for (const id of numbered(3)) await disableAccount(admin(), id);
    await deleteAccount(admin(), 'user-3');
    const [key] = await listKeys(admin(), 'user-4');
    await disableKey(admin(), { userId: 'user-4', keyId: key?.keyId ?? '' });
    for (const id of ['user-10', 'user-11', 'user-12', 'user-13']) scene.realm.remove(id);
    await expect(scene.pass({ maxDisableShare: 0 })).rejects.toThrow('4 of 40 active accounts with live keys');
  });
});
