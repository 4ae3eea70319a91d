/**
 * Which user has which roles, for many users with few different sets: each set is held once, whoever has it. So 200,000
 * users cost a reference each, and what is worked out for a set is worked out once.
 */
export interface RoleSets {
  give(userId: string, role: string): void;
  /** What becomes of each user's set. */
  map(change: (roles: readonly string[]) => readonly string[]): ReadonlyMap<string, readonly string[]>;
}

interface RoleSet {
  readonly roles: readonly string[];
  /** The sets with one role more, by that role. */
  readonly larger: Map<string, RoleSet>;
}

export function createRoleSets(): RoleSets {
  const none: RoleSet = { roles: [], larger: new Map() };
  const setOf = new Map<string, RoleSet>();

  function withRole(set: RoleSet, role: string): RoleSet {
    if (set.roles.includes(role)) return set;
    const known = set.larger.get(role) ?? { roles: [...set.roles, role], larger: new Map() };
    set.larger.set(role, known);
    return known;
  }

  return {
    give(userId, role) {
      setOf.set(userId, withRole(setOf.get(userId) ?? none, role));
    },
    map(change) {
      const changed = new Map<RoleSet, readonly string[]>();
      return new Map(
        [...setOf].map(([userId, set]) => {
          const roles = changed.get(set) ?? change(set.roles);
          changed.set(set, roles);
          return [userId, roles];
        }),
      );
    },
  };
}
