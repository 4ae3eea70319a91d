/** What is told of a user beside the id: in a token, in an account, and in the context that reaches backends. */
export interface Profile {
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** Realm roles. Information for the backend; not enforced here. */
  readonly roles?: readonly string[] | undefined;
}

export type ProfileName = keyof Profile;

interface Attribute {
  readonly holds: 'text' | 'texts';
  /** One of it, in messages. */
  readonly label: string;
  /** Where Keycloak's access tokens have it. */
  readonly claim: readonly string[];
}

/**
 * The one list of these attributes: tokens, accounts, the context, commands, imports and the sync walk it. A new one
 * needs its line here and in `Profile`, in `getCaller`, which has no dependencies, and as an option of the command.
 */
export const PROFILE = {
  email: { holds: 'text', label: 'email', claim: ['email'] },
  firstName: { holds: 'text', label: 'first name', claim: ['given_name'] },
  lastName: { holds: 'text', label: 'last name', claim: ['family_name'] },
  roles: { holds: 'texts', label: 'role', claim: ['realm_access', 'roles'] },
} as const satisfies Record<ProfileName, Attribute>;

// The keys of a constant are what its type says.
export const PROFILE_NAMES = Object.keys(PROFILE) as readonly ProfileName[];

/** Makes a profile of what a function gives for each attribute; a value of another type than it holds is left out. */
export function readProfile(read: (name: ProfileName) => unknown): Profile {
  const profile: Partial<Record<ProfileName, unknown>> = {};
  for (const name of PROFILE_NAMES) profile[name] = READERS[PROFILE[name].holds](read(name));
  // Each reader gives what its attribute holds.
  return profile as Profile;
}

const READERS = {
  text: (value: unknown) => (typeof value === 'string' ? value : undefined),
  texts: (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined),
} as const;
