import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeycloakRealm } from '../../src/keycloak/keycloak-realm.ts';
import type { Realm } from '../../src/keycloak/realm.ts';
import { realmAddress } from '../../src/keycloak/realm-address.ts';
import { fc } from '../support/properties.ts';
import { type ServedGroup, type ServedRealm, type ServedRole, startServedRealm } from '../support/served-realm.ts';

let served: ServedRealm;
let realm: Realm;

beforeEach(async () => {
  served = await startServedRealm();
  connect();
});

afterEach(() => served.stop());

function connect(): void {
  const account = { clientId: 'gatepass-sync', clientSecret: served.clientSecret };
  realm = createKeycloakRealm(realmAddress(served.issuer), account);
}

function givenUsers(...ids: readonly string[]): void {
  served.users = ids.map((id) => ({ id, enabled: true }));
}

/** The users' roles, as the lists have them. */
async function listedRoles(): Promise<Readonly<Record<string, readonly string[]>>> {
  const users = await realm.lists(Number.POSITIVE_INFINITY);
  if (typeof users === 'string') throw new Error(users);
  return Object.fromEntries([...users].map(([id, { roles }]) => [id, roles]));
}

/** The same, as the realm says when it is asked for each user. */
async function askedRoles(): Promise<Readonly<Record<string, readonly string[]>>> {
  const entries = served.users.map(async ({ id }) => [id, [...(await realm.rolesOf(id))].sort()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

describe('lists', () => {
  it('have each user as a look-up does', async () => {
    served.users = [
      { id: '1', enabled: true, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' },
      { id: '2', enabled: false },
    ];
    expect(await realm.lists(Number.POSITIVE_INFINITY)).toEqual(
      new Map([
        ['1', { ...((await realm.findUser('1')) as object), roles: [] }],
        ['2', { ...((await realm.findUser('2')) as object), roles: [] }],
      ]),
    );
  });

  it.each<[string, readonly ServedRole[], readonly ServedGroup[]]>([
    ['their own', [{ name: 'editor', users: ['ada'] }], []],
    ['that of a group', [{ name: 'editor', groups: ['g'] }], [{ id: 'g', members: ['ada'] }]],
    [
      'that of a group far above',
      [{ name: 'editor', groups: ['a'] }],
      [{ id: 'a' }, { id: 'b', parent: 'a' }, { id: 'c', parent: 'b', members: ['ada'] }],
    ],
    ['a part of their own', [{ name: 'manager', users: ['ada'], composites: ['editor'] }, { name: 'editor' }], []],
    [
      'a part of a part of a default role',
      [
        { name: 'default-roles-main', users: ['ada', 'bob'], composites: ['user'] },
        { name: 'user', composites: ['viewer'] },
        { name: 'viewer' },
      ],
      [],
    ],
    [
      "that of a group, by a client's role that may be seen",
      [
        { name: 'manager', groups: ['g'], composites: ['client-admin'] },
        { name: 'client-admin', clientRole: true, composites: ['editor'] },
        { name: 'editor' },
      ],
      [{ id: 'g', members: ['ada'] }],
    ],
    [
      'one that brings itself along, around another',
      [
        { name: 'left', users: ['ada'], composites: ['right'] },
        { name: 'right', composites: ['left'] },
      ],
      [],
    ],
    ['one whose name needs encoding', [{ name: 'a/b c?', users: ['ada'] }], []],
  ])("have a user's role: %s", async (_, roles, groups) => {
    givenUsers('ada', 'bob', 'cal');
    served.rights = [...served.rights, 'view-clients'];
    Object.assign(served, { roles, groups });
    const listed = await listedRoles();
    expect(listed['ada']).not.toEqual([]);
    expect(listed).toEqual(await askedRoles());
  });

  it('have every role that the realm itself says a user has', async () => {
    const names = ['r0', 'r1', 'r2', 'r3', 'r4'];
    const ids = ['u0', 'u1', 'u2', 'u3'];
    const groupIds = ['g0', 'g1', 'g2', 'g3'];
    const role = fc.record({
      users: fc.subarray(ids),
      groups: fc.subarray(groupIds),
      composites: fc.option(fc.subarray(names), { nil: undefined }),
    });
    const group = fc.record({ members: fc.subarray(ids), above: fc.nat(4) });
    givenUsers(...ids);
    await fc.assert(
      fc.asyncProperty(fc.tuple(role, role, role, role, role), fc.tuple(group, group, group, group), async (rs, gs) => {
        served.roles = rs.map(({ composites, ...rest }, index) => ({
          name: `r${index}`,
          ...rest,
          ...(composites && { composites }),
        }));
        // A group lies below one of those before it, or below none.
        served.groups = gs.map(({ members, above }, index) => ({
          id: `g${index}`,
          members,
          ...(above < index && { parent: `g${above}` }),
        }));
        expect(await listedRoles()).toEqual(await askedRoles());
      }),
      { numRuns: 30 },
    );
  });

  it("leave out what comes by a client's role alone, which they can't see: it is for a look-up", async () => {
    givenUsers('ada');
    served.roles = [
      { name: 'manager', users: ['ada'], composites: ['client-admin'] },
      { name: 'client-admin', clientRole: true, composites: ['editor'] },
      { name: 'editor' },
    ];
    expect(await listedRoles()).toEqual({ ada: ['manager'] });
    expect(await askedRoles()).toEqual({ ada: ['editor', 'manager'] });
  });

  it.each(['.', '..'])('give nobody the role %s, whose path would list all users', async (name) => {
    givenUsers('ada', 'bob');
    served.roles = [{ name, users: ['ada'] }];
    expect(await listedRoles()).toEqual({ ada: [], bob: [] });
  });

  it('are read page by page, each group once however many roles it has', async () => {
    const ids = Array.from({ length: 2001 }, (_, index) => `user-${index}`);
    givenUsers(...ids);
    served.roles = [
      { name: 'all', users: ids },
      { name: 'one', groups: ['g'] },
      { name: 'two', groups: ['g'] },
    ];
    served.groups = [{ id: 'g', members: ids }];
    const listed = await listedRoles();
    expect(Object.keys(listed)).toHaveLength(2001);
    expect(new Set(Object.values(listed).map((roles) => roles.join()))).toEqual(new Set(['all,one,two']));
    expect(served.asked.filter((one) => one.startsWith('GET /users?'))).toHaveLength(3);
    expect(served.asked.filter((one) => one.startsWith('GET /roles/all/users'))).toHaveLength(3);
    expect(served.asked.filter((one) => one.startsWith('GET /groups/g/members'))).toHaveLength(3);
    expect(served.asked.filter((one) => one.startsWith('GET /groups/g/children'))).toHaveLength(1);
  });

  it('are not allowed without view-realm', async () => {
    served.rights = ['view-users'];
    connect();
    expect(await realm.lists(Number.POSITIVE_INFINITY)).toBe('not_allowed');
  });

  // Of 2,001 users and two roles, one of them composite: twice three pages, two requests a role, and one for its parts.
  it.each([
    [11, 'read'],
    [10, 'too_long'],
    [2, 'too_long'],
  ])('that may cost %i requests are %s, and not begun if they are too long', async (most, outcome) => {
    givenUsers(...Array.from({ length: 2001 }, (_, index) => `user-${index}`));
    served.roles = [{ name: 'all', composites: ['one'] }, { name: 'one' }];
    const lists = await realm.lists(most);
    expect(typeof lists === 'string' ? lists : 'read').toBe(outcome);
    if (outcome === 'too_long') expect(realm.requests()).toBeLessThanOrEqual(3);
  });
});
