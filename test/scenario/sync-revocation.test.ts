import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PrimaryKey, revokedRealmAt, revokedUserAt } from '../../src/table/items.ts';
import { HOUR, SECOND } from '../support/moved-clock.ts';
import { ISSUER, type Scene, startScene } from '../unit/sync/support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
  scene.realm.keeps = 'kept';
});

afterEach(() => scene.embedded.stop());

const quick = () => scene.pass({ pass: 'quick' });
const notBeforeAt = async (place: PrimaryKey) => (await scene.item(place))?.['notBefore'];

/** An administrator logs a user out: an event and the user's moment, as Keycloak leaves them. */
function logOut(id: string, notBefore = scene.clock.seconds()): void {
  scene.realm.put(id, { notBefore });
  scene.realm.loggedOut$.set(id, notBefore * SECOND);
}

describe("the moment up to which a user's tokens are revoked", () => {
  it('is copied by the next quick pass, of a user with an account and of one without', async () => {
    await scene.givenUsers('ada');
    scene.realm.put('bob');
    await scene.pass();
    const now = scene.clock.seconds();
    for (const id of ['ada', 'bob']) logOut(id);
    expect((await quick()).changes).toEqual([]);
    for (const id of ['ada', 'bob']) {
      const lasting = { notBefore: now, purgeAt: now + 43_200 + 30 };
      expect(await scene.item(revokedUserAt(id))).toEqual({ ...revokedUserAt(id), ...lasting });
    }
    expect(await scene.account('bob')).toBeUndefined();
  });

  it('is copied by a full pass, though no list tells it', async () => {
    await scene.givenUsers('ada');
    for (const id of ['ada', 'bob']) logOut(id);
    await scene.pass();
    for (const id of ['ada', 'bob']) expect(await notBeforeAt(revokedUserAt(id))).toBe(scene.clock.seconds());
  });

  it('is never lowered', async () => {
    logOut('ada');
    await scene.pass();
    const now = scene.clock.seconds();
    logOut('ada', now - 5);
    await scene.pass();
    expect(await notBeforeAt(revokedUserAt('ada'))).toBe(now);
    logOut('ada', now + 5);
    await scene.pass();
    expect(await notBeforeAt(revokedUserAt('ada'))).toBe(now + 5);
  });

  it('is left when no token of that age can be good any more', async () => {
    const maxTokenLifetime = 600;
    for (const [id, age] of Object.entries({ ada: 629, bob: 630 })) logOut(id, scene.clock.seconds() - age);
    await scene.pass({ maxTokenLifetime });
    expect(await notBeforeAt(revokedUserAt('ada'))).toBe(scene.clock.seconds() - 629);
    expect(await notBeforeAt(revokedUserAt('bob'))).toBeUndefined();
  });

  it('is looked for among the events of the last 12 hours, unless told otherwise', async () => {
    logOut('ada');
    scene.clock.advance(13 * HOUR);
    await scene.pass();
    expect(scene.realm.asked).not.toContain('user ada');
    await scene.pass({ maxTokenLifetime: 14 * 3600 });
    expect(scene.realm.asked).toContain('user ada');
  });

  it('is not looked for where the realm keeps no events, and that is said', async () => {
    scene.realm.keeps = 'off';
    logOut('ada');
    expect(await scene.pass()).toMatchObject({ pending: ['no_admin_events'] });
    expect(scene.realm.asked).not.toContain('logged out');
  });

  it('is asked for again when the realm did not answer', async () => {
    scene.realm.put('bob');
    await scene.pass();
    logOut('bob');
    scene.realm.unanswered.add('bob');
    expect(await quick()).toMatchObject({ skipped: [{ userId: 'bob' }] });
    scene.realm.unanswered.clear();
    await quick();
    expect(await notBeforeAt(revokedUserAt('bob'))).toBe(scene.clock.seconds());
  });
});

describe('a user without an account', () => {
  it.each([
    ['is disabled', () => scene.realm.put('bob', { enabled: false })],
    ['is gone', () => scene.realm.remove('bob')],
  ])('who %s has their tokens revoked until now, with the skew of clocks', async (_, act) => {
    scene.realm.put('bob');
    await scene.pass();
    act();
    await quick();
    expect(await notBeforeAt(revokedUserAt('bob'))).toBe(scene.clock.seconds() + 30);
  });

  it('who was changed otherwise keeps their tokens', async () => {
    scene.realm.put('bob');
    await scene.pass();
    scene.realm.put('bob', { email: 'bob@example.com' });
    await quick();
    expect(scene.realm.asked).toContain('user bob');
    expect(await scene.item(revokedUserAt('bob'))).toBeUndefined();
  });
});

describe("the moment up to which all of a realm's tokens are revoked", () => {
  it.each(['quick', 'full'] as const)('is copied by a %s pass, for good and never lowered', async (pass) => {
    await scene.pass();
    expect(await scene.item(revokedRealmAt(ISSUER))).toBeUndefined();
    for (const [told, kept] of [
      [500, 500],
      [499, 500],
      [0, 500],
      [501, 501],
    ] as const) {
      scene.realm.notBefore$ = told;
      await scene.pass({ pass });
      expect(await scene.item(revokedRealmAt(ISSUER))).toEqual({ ...revokedRealmAt(ISSUER), notBefore: kept });
    }
  });

  it('is not known without the role view-realm, which is said once', async () => {
    scene.realm.notBefore$ = 'not_allowed';
    scene.realm.noLists = 'not_allowed';
    for (const pass of ['full', 'quick'] as const) {
      expect((await scene.pass({ pass })).pending).toEqual(['no_view_realm']);
    }
  });
});

it('a dry run revokes nothing', async () => {
  logOut('ada');
  scene.realm.put('bob', { enabled: false });
  scene.realm.notBefore$ = 500;
  await scene.pass({ dryRun: true });
  const places = [revokedUserAt('ada'), revokedUserAt('bob'), revokedUserAt('cal'), revokedRealmAt(ISSUER)];
  for (const place of places) expect(await scene.item(place)).toBeUndefined();
  await scene.pass();
  logOut('cal');
  scene.realm.notBefore$ = 600;
  await scene.pass({ pass: 'quick', dryRun: true });
  expect(await scene.item(revokedUserAt('cal'))).toBeUndefined();
  expect(await notBeforeAt(revokedRealmAt(ISSUER))).toBe(500);
});
