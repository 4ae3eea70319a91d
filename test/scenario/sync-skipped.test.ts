import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountAt } from '../../src/table/items.ts';
import { numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
});

afterEach(() => scene.embedded.stop());

/** For these the realm has no answer, and no list has them. */
function givenUnanswered(...ids: readonly string[]): void {
  for (const id of ids) {
    scene.realm.unlisted.add(id);
    scene.realm.unanswered.add(id);
  }
}

describe('an account for whose user the realm does not answer', () => {
  it('is left as it is, named, and keeps nothing from being done for the others', async () => {
    await scene.givenUsers(...numbered(5));
    givenUnanswered('user-0');
    scene.realm.remove('user-1');
    const { changes, skipped } = await scene.pass();
    expect(changes).toMatchObject([{ userId: 'user-1', action: 'disable' }]);
    expect(skipped).toEqual([{ userId: 'user-0', why: expect.stringContaining('no answer'), passes: 1 }]);
    expect(await scene.activeOf(numbered(5))).toEqual(['user-0', 'user-2', 'user-3', 'user-4']);
  });

  it('is counted from full pass to full pass, until there is an answer', async () => {
    await scene.givenUsers('ada', 'bob');
    givenUnanswered('ada');
    expect((await scene.pass()).skipped).toMatchObject([{ userId: 'ada', passes: 1 }]);
    expect((await scene.pass({ pass: 'quick' })).skipped).toEqual([]);
    expect((await scene.pass()).skipped).toMatchObject([{ userId: 'ada', passes: 2 }]);
    expect((await scene.pass()).skipped).toMatchObject([{ userId: 'ada', passes: 3 }]);
    scene.realm.unanswered.clear();
    expect((await scene.pass()).skipped).toEqual([]);
    givenUnanswered('ada');
    expect((await scene.pass()).skipped).toMatchObject([{ userId: 'ada', passes: 1 }]);
  });

  it.each([
    [1, 1, 'made'],
    [2, 99, 'failed'],
    [2, 200, 'made'],
    [3, 299, 'failed'],
  ])('%i of %i such accounts: the pass is %s, and disables nobody if it failed', async (unanswered, all, outcome) => {
    await scene.givenUsers(...numbered(all));
    givenUnanswered(...numbered(unanswered));
    if (all > 1) scene.realm.remove('user-50');
    const result = await scene.pass().catch((error: unknown) => error);
    if (outcome === 'made') expect(result).toMatchObject({ skipped: { length: unanswered } });
    else expect(result).toMatchObject({ code: 'too_many_skipped', message: expect.stringContaining(`of ${all}`) });
    if (all > 1) expect(await scene.activeOf(['user-50'])).toHaveLength(outcome === 'made' ? 0 : 1);
  });

  it('is one whose item in the table can not be read', async () => {
    await scene.givenUsers('ada', 'bob');
    scene.realm.remove('bob');
    const { client, name } = scene.embedded.table;
    const key = accountAt('eve');
    await client.send(new PutCommand({ TableName: name, Item: { ...key, userId: 7, active: true } }));
    const { changes, skipped } = await scene.pass();
    expect(changes).toMatchObject([{ userId: 'bob', action: 'disable' }]);
    expect(skipped).toMatchObject([{ userId: key.pk, passes: 1 }]);
  });

  it('is asked for once more by the next quick pass, and then left to the full one', async () => {
    scene.realm.keeps = 'kept';
    await scene.givenUsers('ada', ...numbered(3));
    await scene.pass();
    scene.realm.unanswered.add('ada');
    scene.realm.put('ada', { email: 'ada@example.com' });
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({ skipped: [{ userId: 'ada' }] });
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({ skipped: [{ userId: 'ada' }] });
    scene.realm.asked.length = 0;
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({ skipped: [], compared: 0 });
    expect(scene.realm.asked).not.toContain('user ada');
  });
});

describe('a realm that answers for nobody', () => {
  it('ends the pass as soon as it does not answer at all', async () => {
    await scene.givenUsers(...numbered(40));
    scene.realm.noLists = 'too_long';
    givenUnanswered(...numbered(40));
    scene.realm.ping = async () => {
      throw new Error('no answer at all');
    };
    await expect(scene.pass()).rejects.toThrow('no answer at all');
    expect(scene.realm.asked.filter((what) => what.startsWith('user ')).length).toBeLessThan(40);
  });

  it('but for other questions is asked on', async () => {
    await scene.givenUsers(...numbered(40));
    scene.realm.noLists = 'too_long';
    givenUnanswered(...numbered(40));
    await expect(scene.pass()).rejects.toMatchObject({ code: 'too_many_skipped' });
    expect(scene.realm.asked.filter((what) => what === 'ping')).toHaveLength(4);
  });
});
