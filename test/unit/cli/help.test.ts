import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { keysCommand } from '../../../src/cli/keys.ts';
import { usersCommand } from '../../../src/cli/users.ts';
import { recordOutput } from '../../support/recorded-output.ts';

const nowhere = recordOutput();

const GROUPS = [usersCommand(nowhere), keysCommand(nowhere)];

const COMMANDS = GROUPS.flatMap((group) =>
  group.commands.map((command) => ({ name: `${group.name()} ${command.name()}`, command })),
);

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 200 }).outputHelp();
  return help;
}

describe('the help', () => {
  it('is there for every group of commands', () => {
    for (const group of GROUPS) {
      expect(group.description()).not.toBe('');
      expect(group.commands.length).toBeGreaterThan(0);
    }
  });

  it.each(COMMANDS)('of $name says what it does and has an example of it', ({ name, command }) => {
    expect(command.description()).not.toBe('');
    expect(helpOf(command)).toMatch(new RegExp(`\nExamples?:\n  gatepass ${name} `));
  });

  it.each(COMMANDS)('of $name explains every option and argument', ({ command }) => {
    for (const { flags, description } of command.options) expect(description, flags).toBeTruthy();
    for (const argument of command.registeredArguments) expect(command.usage()).toContain(argument.name());
  });

  it.each(COMMANDS)('of $name has the options that name the table and JSON', ({ command }) => {
    const flags = command.options.map(({ long }) => long);
    expect(flags).toEqual(
      expect.arrayContaining(['--table', '--local', '--region', '--profile', '--endpoint-url', '--json']),
    );
  });

  it.each(COMMANDS)('of $name gives in its example every option that must be given', ({ command }) => {
    const example = helpOf(command).split(/\nExamples?:\n/)[1];
    for (const option of command.options.filter(({ mandatory }) => mandatory)) {
      if (option.defaultValue === undefined) expect(example).toContain(option.long);
    }
    expect(example).toMatch(/--table|--local/);
  });
});
