import { type Command, Option } from 'commander';
import { PROFILE_NAMES, type Profile, type ProfileName } from '../profile.ts';

const OPTIONS: Readonly<Record<ProfileName, Option>> = {
  email: new Option('--email <email>', 'their email address'),
  firstName: new Option('--first-name <name>', 'their first name'),
  lastName: new Option('--last-name <name>', 'their last name'),
  roles: new Option('--role <role...>', 'realm roles, which their keys inherit'),
};

export function withProfile(command: Command): Command {
  for (const name of PROFILE_NAMES) command.addOption(OPTIONS[name]);
  return command;
}

/** What the options say of a user. An empty value is kept, since it may take an attribute away. */
export function profileIn(options: Readonly<Record<string, unknown>>): Profile {
  const entries = PROFILE_NAMES.map((name) => [name, withoutLoneEmpty(options[OPTIONS[name].attributeName()])]);
  // Commander gives a text, or a list of texts for an option that takes several.
  return Object.fromEntries(entries) as Profile;
}

function withoutLoneEmpty(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && value[0] === '' ? [] : value;
}
