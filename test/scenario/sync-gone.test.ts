import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disableAccount } from '../../src/accounts/account-state.ts';
import { listKeys } from '../../src/accounts/keys.ts';
import { createRecorder } from '../../src/usage/recorder.ts';
import { HOUR, SECOND } from '../support/moved-clock.ts';
import { itemsIn, lineOf } from '../support/usage.ts';
import { type Scene, startScene } from '../unit/sync/support/scene.ts';

const DAY = 24 * HOUR;

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});

afterEach(() => scene.embedded.stop());

describe('the account of a user who is gone', () => {
  it.each([
    [30 * DAY - SECOND, undefined, 'disabled'],
    [30 * DAY, undefined, 'deleted'],
    [7 * DAY - SECOND, 7, 'disabled'],
    [7 * DAY, 7, 'deleted'],
  ])('is after %i ms, with %s days set, %s', async (age, goneDays, state) => {
    await scene.givenUsersWithKeys('ada');
    scene.realm.remove('ada');
    await scene.pass({ goneDays });
    expect(await scene.account('ada')).toMatchObject({ active: false, goneSince: scene.clock.seconds() });
    scene.clock.advance(age);
    const { changes } = await scene.pass({ goneDays });
    expect(changes).toEqual(state === 'deleted' ? [{ userId: 'ada', action: 'delete', differs: [] }] : []);
    expect((await scene.account('ada'))?.['deleted'] === true).toBe(state === 'deleted');
  });

  it('is never made again, not even for a user of the same id', async () => {
    await scene.givenUsers('ada');
    scene.realm.remove('ada');
    await scene.pass();
    scene.clock.advance(30 * DAY);
    await scene.pass();
    const tombstone = await scene.account('ada');
    scene.realm.put('ada');
    expect((await scene.pass({ create: true })).changes).toEqual([]);
    expect((await scene.pass({ create: true, dryRun: true })).changes).toEqual([]);
    expect(await scene.account('ada')).toEqual(tombstone);
  });

  it('is as new once the user is back', async () => {
    await scene.givenUsers('ada');
    scene.realm.remove('ada');
    await scene.pass();
    scene.clock.advance(29 * DAY);
    scene.realm.put('ada');
    expect((await scene.pass()).changes).toMatchObject([{ action: 'enable' }]);
    expect(await scene.account('ada')).not.toHaveProperty('goneSince');
    scene.realm.remove('ada');
    scene.clock.advance(SECOND);
    await scene.pass();
    scene.clock.advance(DAY);
    expect((await scene.pass()).changes).toEqual([]);
  });

  it('that an operator had disabled is deleted in its turn, from when the user was gone', async () => {
    await scene.givenUsers('ada');
    await disableAccount({ table: scene.embedded.table, now: scene.clock.now }, 'ada');
    scene.realm.remove('ada');
    scene.clock.advance(SECOND);
    expect((await scene.pass()).changes).toMatchObject([{ action: 'update', differs: ['goneSince'] }]);
    expect(await scene.account('ada')).toMatchObject({ disabledBy: 'operator' });
    scene.clock.advance(30 * DAY);
    expect((await scene.pass()).changes).toMatchObject([{ action: 'delete' }]);
  });

  it('takes with it what is known of the use of its keys', async () => {
    await scene.givenUsersWithKeys('ada');
    const { embedded, clock } = scene;
    const [{ keyId } = { keyId: '' }] = await listKeys({ table: embedded.table, now: clock.now }, 'ada');
    const { now } = clock;
    const recorder = createRecorder({ usage: embedded.usageTable, now, addresses: 'block', newVersion: randomUUID });
    await recorder.record([lineOf({ keyId, at: now() })]);
    scene.realm.remove('ada');
    await scene.pass();
    expect(await itemsIn(embedded.usageTable, keyId)).toHaveLength(2);
    clock.advance(30 * DAY);
    await scene.pass();
    expect(await itemsIn(embedded.usageTable, keyId)).toEqual([]);
  });

  it('is left in a dry run', async () => {
    await scene.givenUsers('ada');
    scene.realm.remove('ada');
    await scene.pass();
    scene.clock.advance(30 * DAY);
    expect((await scene.pass({ dryRun: true })).changes).toMatchObject([{ action: 'delete' }]);
    expect(await scene.account('ada')).not.toMatchObject({ deleted: true });
  });
});
