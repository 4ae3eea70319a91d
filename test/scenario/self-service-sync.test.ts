import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAdmin } from '../../src/accounts/admin.ts';
import { createOwnKey, openOwnAccount } from '../../src/accounts/own-keys.ts';
import { type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.embedded.stop());

/** What the API does for a user's first key, once the realm has confirmed them. */
async function makeFirstKey(userId: string): Promise<void> {
  const admin = openAdmin({ table: scene.embedded.table, now: scene.clock.now, randomBytes });
  await openOwnAccount(admin, { userId });
  await createOwnKey(admin, { userId, name: 'CI' });
}

describe('a user who is disabled in the realm between their confirmation and their first key', () => {
  it.each(['quick', 'full'] as const)(
    'is disabled by the next pass, a %s one, though no event tells of them',
    async (pass) => {
      await scene.givenUsers('bob');
      scene.realm.put('ada');
      await scene.pass();

      scene.realm.put('ada', { enabled: false });
      // Ada has no account yet, so there is nothing for this pass to change.
      expect((await scene.pass({ pass: 'quick' })).changes).toEqual([]);
      await makeFirstKey('ada');
      expect(await scene.account('ada')).toMatchObject({ active: true });

      await scene.pass({ pass });
      expect(await scene.account('ada')).toMatchObject({ active: false, disabledBy: 'sync' });
    },
  );

  it('is looked up once only: the pass after that asks the realm for nobody', async () => {
    await scene.givenUsers('bob');
    scene.realm.put('ada');
    await scene.pass();
    await makeFirstKey('ada');
    await scene.pass({ pass: 'quick' });
    scene.realm.asked.length = 0;
    await scene.pass({ pass: 'quick' });
    expect(scene.realm.asked.filter((what) => what.startsWith('user '))).toEqual([]);
    expect(await scene.account('ada')).toMatchObject({ active: true });
  });
});
