import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PassResult } from '../../src/sync/pass.ts';
import { fullPassAt, syncStateAt } from '../../src/table/realm-items.ts';
import { MINUTE, SECOND } from '../support/moved-clock.ts';
import { ISSUER, numbered, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
  scene.realm.noLists = 'too_long';
});

afterEach(() => scene.embedded.stop());

/** More than a part of the table's accounts that is compared in one go. */
const ALL = numbered(520);

/** A full pass with time for so many look-ups of a user: each takes a second. */
async function passFor(lookUps: number, maxDisableShare?: number): Promise<PassResult> {
  scene.realm.beforeAnswer = async () => scene.clock.advance(SECOND / 2);
  return scene.pass({ endBy: scene.clock.now() + lookUps * SECOND, maxDisableShare });
}

/** Full passes with so much time each, until one is done. */
async function passesFor(lookUps: number, most: number, maxDisableShare?: number): Promise<readonly PassResult[]> {
  const results: PassResult[] = [];
  while (results.length < most) {
    const result = await passFor(lookUps, maxDisableShare);
    results.push(result);
    if (!result.pending.includes('full_pass_unfinished')) break;
  }
  return results;
}

/** Users spread over all of the table. */
const SOME = ALL.filter((_, index) => index % 10 === 0);

const lookedUp = () => scene.realm.asked.filter((what) => what.startsWith('user ')).length;

describe('a full pass whose time is over', () => {
  it('is gone on with where it was, until all accounts are compared', async () => {
    await scene.givenUsers(...ALL);
    for (const id of SOME) scene.realm.put(id, { email: `${id}@example.com` });
    const results = await passesFor(510, 10);
    expect(results.length).toBeGreaterThan(1);
    expect(results.at(-1)?.pending).toEqual(['no_admin_events']);
    const changed = results.flatMap(({ changes }) => changes.map(({ userId }) => userId));
    expect(changed.toSorted()).toEqual(SOME.toSorted());
    // What was in hand when its time was over is looked up again: a part of the table's accounts at most.
    expect(lookedUp()).toBeLessThan(ALL.length * 1.5);
  });

  it('writes names and who is enabled again at once, and disables only when it knows the whole', async () => {
    // With a key each they are more than a part, too, and comparing all takes some 247 s.
    const all = numbered(260);
    const gone = all.filter((_, index) => index % 10 === 0);
    await scene.givenUsersWithKeys(...all);
    for (const id of gone) scene.realm.remove(id);
    for (const id of numbered(100)) if (!gone.includes(id)) scene.realm.put(id, { firstName: 'Ada' });
    const first = await passFor(243);
    expect(first.pending).toEqual(['full_pass_unfinished']);
    expect(first.changes.length).toBeGreaterThan(10);
    expect(new Set(first.changes.map(({ action }) => action))).toEqual(new Set(['update']));
    await expect(passesFor(243, 10, 0.05)).rejects.toThrow('26 of 260 active accounts with live keys');
    expect(await scene.activeOf(gone)).toHaveLength(gone.length);

    const results = await passesFor(243, 10);
    const disabled = results.flatMap(({ changes }) => changes.filter(({ action }) => action === 'disable'));
    expect(disabled.map(({ userId }) => userId).toSorted()).toEqual(gone.toSorted());
    expect(await scene.activeOf(gone)).toEqual([]);
  });

  it('goes on disabling where it was, without comparing anything again', async () => {
    await scene.givenUsersWithKeys(...numbered(40));
    for (const id of numbered(20)) scene.realm.remove(id);
    // Comparing takes 30 s: half a second for each who is gone, a second for the others. Disabling takes 10 s.
    const results = await passesFor(32, 2, 1);
    expect(results.map(({ compared, pending }) => [compared, pending])).toEqual([
      [40, ['full_pass_unfinished']],
      [0, ['no_admin_events']],
    ]);
    expect(results.every(({ changes }) => changes.length > 0)).toBe(true);
    expect(results.flatMap(({ changes }) => changes)).toHaveLength(20);
    expect(await scene.activeOf(numbered(40))).toEqual(numbered(40).slice(20));
    expect(scene.realm.asked.filter((what) => what === 'lists')).toHaveLength(1);
  });

  it('counts those skipped in all its parts', async () => {
    await scene.givenUsers(...ALL);
    for (const id of numbered(6)) scene.realm.unanswered.add(id);
    await expect(passesFor(510, 10)).rejects.toMatchObject({ code: 'too_many_skipped' });
    expect(await scene.item(fullPassAt(ISSUER))).not.toHaveProperty('after');
  });

  it('looks users up where lists take all its time', async () => {
    await scene.givenUsers(...numbered(10));
    scene.realm.noLists = undefined;
    const lists = scene.realm.lists;
    scene.realm.lists = (most) => {
      scene.clock.advance(15 * MINUTE);
      return lists.call(scene.realm, most);
    };
    expect((await passesFor(510, 10)).map(({ compared }) => compared)).toEqual([0, 10]);
  });

  it('has the next quick pass look at what was changed since it began', async () => {
    scene.realm.keeps = 'kept';
    await scene.givenUsers(...ALL);
    await passFor(510);
    for (const id of SOME) scene.realm.put(id, { lastName: 'Lovelace' });
    const changed = (await passesFor(510, 10)).flatMap(({ changes }) => changes);
    expect(changed.length).toBeLessThan(SOME.length);
    scene.realm.beforeAnswer = () => undefined;
    expect(await scene.pass({ pass: 'quick' })).toMatchObject({
      compared: SOME.length,
      changes: { length: SOME.length - changed.length },
    });
  });
});

describe('two full passes at once', () => {
  it('are one, where both have a time limit', async () => {
    await scene.givenUsers('ada');
    const second: PassResult[] = [];
    const endBy = scene.clock.now() + 10 * MINUTE;
    scene.realm.beforeAnswer = async () => {
      scene.realm.beforeAnswer = () => undefined;
      second.push(await scene.pass({ endBy }), await scene.pass({ pass: 'quick', endBy }));
    };
    expect(await scene.pass({ endBy })).toMatchObject({ compared: 1 });
    const running = { pass: 'full', compared: 0, pending: ['full_pass_running'], realmRequests: 0 };
    expect(second).toMatchObject([running, running]);
  });

  it.each([
    [90 * SECOND, 'full_pass_running'],
    [90 * SECOND + 1, 'no_admin_events'],
  ])('one of which was ended by force are told apart %i ms after its time: %s', async (after, pending) => {
    await scene.givenUsers('ada');
    const endBy = scene.clock.now() + MINUTE;
    const client = scene.embedded.table.client;
    const send = client.send.bind(client);
    const writes = vi.spyOn(client, 'send').mockImplementation(async (command) => {
      // Nothing is written once the realm has failed.
      if (scene.realm.asked.length > 1 && command.constructor.name === 'PutCommand') throw new Error('ended');
      return send(command);
    });
    scene.realm.dieAfter(1);
    await expect(scene.pass({ endBy })).rejects.toThrow('no answer');
    writes.mockRestore();
    scene.realm.dieAfter(Number.POSITIVE_INFINITY);
    scene.clock.moveTo(endBy + after);
    expect((await scene.pass({ endBy: endBy + 10 * MINUTE })).pending).toEqual([pending]);
  });

  it.each([
    [20 * SECOND, 'full_pass_running'],
    [20 * SECOND + 1, 'no_admin_events'],
  ])('one of which failed after 20 s: the other waits as long: after %i ms, %s', async (after, pending) => {
    await scene.givenUsers('ada');
    scene.realm.lists = async () => {
      scene.clock.advance(20 * SECOND);
      throw new Error('no answer');
    };
    await expect(scene.pass({ endBy: scene.clock.now() + 10 * MINUTE })).rejects.toThrow('no answer');
    scene.realm.lists = async () => 'too_long';
    scene.clock.advance(after);
    expect((await scene.pass({ endBy: scene.clock.now() + 10 * MINUTE })).pending).toEqual([pending]);
  });

  it('by hand, without a time limit, are both made', async () => {
    await scene.givenUsers('ada');
    scene.realm.dieAfter(1);
    await expect(scene.pass({ endBy: scene.clock.now() + MINUTE })).rejects.toThrow();
    scene.realm.dieAfter(Number.POSITIVE_INFINITY);
    expect(await scene.pass()).toMatchObject({ compared: 1, pending: ['no_admin_events'] });
  });
});

describe('a quick pass', () => {
  it('says that a full one was cut off, once nobody is at it', async () => {
    await scene.givenUsers(...ALL);
    await scene.pass();
    expect((await scene.pass({ pass: 'quick' })).pending).toEqual(['no_admin_events']);
    await passFor(510);
    scene.clock.advance(1);
    expect((await scene.pass({ pass: 'quick' })).pending).toEqual(['no_admin_events', 'full_pass_unfinished']);
    await passesFor(2000, 1);
    expect((await scene.pass({ pass: 'quick' })).pending).toEqual(['no_admin_events']);
    expect(await scene.item(syncStateAt(ISSUER))).toMatchObject({ accounts: ALL.length });
  });
});
